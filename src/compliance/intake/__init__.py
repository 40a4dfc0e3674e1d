"""The intake form: a workbook or a YAML file that asks for the facts of a filing, and is read back as one."""
