# Generated from facts.yaml: do not edit. The models of a filing, as compliance.facts.models makes them.
#
# A type checker finds them with this folder on its path (mypy_path, or extraPaths of pyright):
#     if TYPE_CHECKING:
#         from filing import Filing
from compliance.facts.models import (
    At,
    ConclusionForm,
    DocumentForm,
    EvidenceForm,
    Form,
    JudgementForm,
    TableForm,
)
from compliance.quantities import Figure

class UnfinishedDeal(Form):
    """发行、收购或回购 / issue, takeover or buy-back."""

    id: str | None
    kind: Figure | None
    completed: Figure | None
    at: At | None

class FinancialYear(Form):
    """会计年度 / financial year."""

    year: str | None
    ended: Figure | None
    audit_opinion: Figure | None
    qualification_removed: Figure | None
    revenue: Figure | None
    net_profit_parent: Figure | None
    net_profit_ex_nonrecurring: Figure | None
    roe_weighted: Figure | None
    roe_ex_nonrecurring: Figure | None
    rd_expense: Figure | None
    distributable_profit: Figure | None
    at: At | None

class UseChange(Form):
    """前次募集资金用途的改变 / change of the use of earlier proceeds."""

    id: str | None
    raising: str | None
    kind: Figure | None
    approved: Figure | None
    serious: Figure | None
    corrected: Figure | None
    ratified: Figure | None
    at: At | None

class PublicPromise(Form):
    """公开承诺 / public undertaking."""

    id: str | None
    by: Figure | None
    dated: Figure | None
    due: Figure | None
    performed: Figure | None
    released: Figure | None
    kept: Figure | None
    at: At | None

class DebtDefault(Form):
    """违约或延迟支付本息的债务 / debt in default or arrears."""

    id: str | None
    began: Figure | None
    cured: Figure | None
    at: At | None

class Restructuring(Form):
    """重大资产重组 / major restructuring."""

    id: str | None
    transferred: Figure | None
    eligible_before: Figure | None
    control_changed: Figure | None
    at: At | None

class EndedApplication(Form):
    """此前终止的发行申请 / earlier application that ended."""

    id: str | None
    ended_as: Figure | None
    decided: Figure | None
    at: At | None

class Distribution(Form):
    """利润分配、公积金转增股本方案 / distribution or capitalisation of reserves."""

    id: str | None
    stage: Figure | None
    implemented: Figure | None
    at: At | None

class Restriction(Form):
    """限制措施 / restriction."""

    id: str | None
    on_whom: Figure | None
    kind: Figure | None
    starts: Figure | None
    lifted: Figure | None
    at: At | None

class SponsorRefusal(Form):
    """保荐人项目被不予受理 / refusal to accept an application of the sponsor."""

    id: str | None
    decided: Figure | None
    at: At | None

class TakeoverAgreement(Form):
    """协议收购 / takeover by agreement."""

    id: str | None
    signed: Figure | None
    completed: Figure | None
    at: At | None

class Issuer(Form):
    """发行人 / issuer."""

    code: str | None
    name: str | None
    board: Figure | None
    financial_institution: Figure | None
    dishonest_debtor: Figure | None
    listed: Figure | None
    bond_proceeds_diverted: Figure | None
    organisation_sound: Figure | None
    business_independent: Figure | None
    accounting_sound: Figure | None
    latest_accounts_compliant: Figure | None
    cash_flow_sound: Figure | None

class Offering(Form):
    """本次发行 / the offering."""

    title: str | None
    route: Figure | None
    board_date: Figure | None
    plan_disclosed: Figure | None
    filing_date: Figure | None
    gross_proceeds: Figure | None
    deduction: Figure | None
    new_shares: Figure | None
    shares_before: Figure | None
    shares_at_plan: Figure | None
    subscriber_cap: Figure | None
    into_repurchased: Figure | None
    convertible_shares: Figure | None
    latest_year_end: Figure | None
    launch_date: Figure | None
    restructuring: Figure | None
    internal_control_report: Figure | None
    internal_control_opinion: Figure | None
    internal_control_sound: Figure | None
    under_review: Figure | None
    review_restructuring: Figure | None
    review_control_change: Figure | None
    suspension_applied: Figure | None
    listing_conditions_met: Figure | None
    projects_lawful: Figure | None
    no_new_conflicts: Figure | None

class Use(Form):
    """募集资金用途明细 / use of proceeds."""

    id: str | None
    name: str | None
    project: str | None
    kind: Figure | None
    investment: Figure | None
    proceeds: Figure | None
    capital: Figure | None
    capitalised_share: Figure | None
    construction_months: Figure | None
    transferred: Figure | None
    at: At | None

class Person(Form):
    """人员 / person."""

    name: str | None
    controller: Figure | None
    posts: PostList | None
    qualified: Figure | None
    at: At | None

class Post(Form):
    """任职 / post."""

    title: str | None
    kind: Figure | None
    since: Figure | None
    until: Figure | None
    at: At | None

class Sanction(Form):
    """处罚及处分 / sanction."""

    id: str | None
    kind: Figure | None
    authority: str | None
    number: str | None
    target: Figure | None
    person: str | None
    decided: Figure | None
    received: Figure | None
    domain: Figure | None
    conduct_ended: Figure | None
    last_compensation: Figure | None
    serious: Figure | None
    minor: Figure | None
    basis_serious: Figure | None
    cleared: Figure | None
    opined: Figure | None
    grave: Figure | None
    party: str | None
    revenue_share: Figure | None
    profit_share: Figure | None
    acquired: Figure | None
    main_source: Figure | None
    parts: SanctionPartItemList | None
    by_bse: Figure | None
    major: Figure | None
    at: At | None

class SanctionPartItem(Form):
    """处罚内容 / part of a sanction."""

    kind: Figure | None
    amount: Figure | None
    executed: Figure | None
    at: At | None

class Investigation(Form):
    """立案侦查或调查 / investigation."""

    id: str | None
    kind: Figure | None
    target: Figure | None
    person: str | None
    opened: Figure | None
    closed: Figure | None
    at: At | None

class BalanceSheet(Form):
    """最近一期末合并资产负债表 / consolidated balance sheet of the latest period."""

    day: Figure | None
    parent_equity: Figure | None
    total_assets: Figure | None
    total_liabilities: Figure | None

class Account(Form):
    """可能涉及财务性投资的报表科目 / account that may hold financial investments."""

    name: str | None
    balance: Figure | None
    financial_part: Figure | None
    at: At | None

class Investment(Form):
    """对外投资 / investment."""

    name: str | None
    full_name: str | None
    account: str | None
    kind: Figure | None
    amount: Figure | None
    stake: Figure | None
    business: str | None
    related: Figure | None
    mandate: Figure | None
    stake_increased: Figure | None
    counted: Figure | None
    financial: Figure | None
    at: At | None

class Commitment(Form):
    """期末尚未支付的出资 / capital not paid in at the period's end."""

    id: str | None
    investment: str | None
    unpaid: Figure | None
    counts: Figure | None
    at: At | None

class Contribution(Form):
    """新投入或拟投入 / investment made or planned."""

    id: str | None
    investment: str | None
    amount: Figure | None
    stage: Figure | None
    day: Figure | None
    at: At | None

class Raising(Form):
    """前次募集资金 / earlier raising."""

    id: str | None
    kind: Figure | None
    received: Figure | None
    gross: Figure | None
    net: Figure | None
    permanent_working_capital: Figure | None
    non_capital: Figure | None
    use_changed: Figure | None
    used_up: Figure | None
    on_plan: Figure | None
    at: At | None

class Control(Form):
    """控制权 / control."""

    name: str | None
    has_controller: Figure | None
    controlling_shareholder: Figure | None
    largest_other: Figure | None
    other_convertible: Figure | None
    offer_exempted: Figure | None
    acquirer_lock_months: Figure | None
    dishonest_debtor: Figure | None
    acquirer_debt: Figure | None
    acquirer_violation: Figure | None
    acquirer_dishonest: Figure | None

class Holder(Form):
    """持股 / holding."""

    name: str | None
    shares: Figure | None
    concert_until: Figure | None
    at: At | None

class Reduction(Form):
    """已公告的减持 / announced reduction."""

    id: str | None
    holder: str | None
    announced: Figure | None
    starts: Figure | None
    ends: Figure | None
    planned: Figure | None
    sold: Figure | None
    at: At | None

class Subscriber(Form):
    """认购人 / subscriber."""

    name: str | None
    with_controller: Figure | None
    shares: Figure | None
    at: At | None

class BoardSeat(Form):
    """董事席位 / seat on the board."""

    name: str | None
    nominator: str | None
    by_controller: Figure | None
    at: At | None

class UnfinishedDealList(Form):
    """发行、收购或回购列表 / list of issue, takeover or buy-back."""

    complete: bool
    items: list[UnfinishedDeal]
    at: At | None

class FinancialYearList(Form):
    """会计年度列表 / list of financial year."""

    complete: bool
    items: list[FinancialYear]
    at: At | None

class UseChangeList(Form):
    """前次募集资金用途的改变列表 / list of change of the use of earlier proceeds."""

    complete: bool
    items: list[UseChange]
    at: At | None

class PublicPromiseList(Form):
    """公开承诺列表 / list of public undertaking."""

    complete: bool
    items: list[PublicPromise]
    at: At | None

class DebtDefaultList(Form):
    """违约或延迟支付本息的债务列表 / list of debt in default or arrears."""

    complete: bool
    items: list[DebtDefault]
    at: At | None

class RestructuringList(Form):
    """重大资产重组列表 / list of major restructuring."""

    complete: bool
    items: list[Restructuring]
    at: At | None

class EndedApplicationList(Form):
    """此前终止的发行申请列表 / list of earlier application that ended."""

    complete: bool
    items: list[EndedApplication]
    at: At | None

class DistributionList(Form):
    """利润分配、公积金转增股本方案列表 / list of distribution or capitalisation of reserves."""

    complete: bool
    items: list[Distribution]
    at: At | None

class RestrictionList(Form):
    """限制措施列表 / list of restriction."""

    complete: bool
    items: list[Restriction]
    at: At | None

class SponsorRefusalList(Form):
    """保荐人项目被不予受理列表 / list of refusal to accept an application of the sponsor."""

    complete: bool
    items: list[SponsorRefusal]
    at: At | None

class TakeoverAgreementList(Form):
    """协议收购列表 / list of takeover by agreement."""

    complete: bool
    items: list[TakeoverAgreement]
    at: At | None

class UseList(Form):
    """募集资金用途明细列表 / list of use of proceeds."""

    complete: bool
    items: list[Use]
    at: At | None

class PersonList(Form):
    """人员列表 / list of person."""

    complete: bool
    items: list[Person]
    at: At | None

class SanctionList(Form):
    """处罚及处分列表 / list of sanction."""

    complete: bool
    items: list[Sanction]
    at: At | None

class InvestigationList(Form):
    """立案侦查或调查列表 / list of investigation."""

    complete: bool
    items: list[Investigation]
    at: At | None

class AccountList(Form):
    """可能涉及财务性投资的报表科目列表 / list of account that may hold financial investments."""

    complete: bool
    items: list[Account]
    at: At | None

class InvestmentList(Form):
    """对外投资列表 / list of investment."""

    complete: bool
    items: list[Investment]
    at: At | None

class CommitmentList(Form):
    """期末尚未支付的出资列表 / list of capital not paid in at the period's end."""

    complete: bool
    items: list[Commitment]
    at: At | None

class ContributionList(Form):
    """新投入或拟投入列表 / list of investment made or planned."""

    complete: bool
    items: list[Contribution]
    at: At | None

class RaisingList(Form):
    """前次募集资金列表 / list of earlier raising."""

    complete: bool
    items: list[Raising]
    at: At | None

class HolderList(Form):
    """持股列表 / list of holding."""

    complete: bool
    items: list[Holder]
    at: At | None

class ReductionList(Form):
    """已公告的减持列表 / list of announced reduction."""

    complete: bool
    items: list[Reduction]
    at: At | None

class SubscriberList(Form):
    """认购人列表 / list of subscriber."""

    complete: bool
    items: list[Subscriber]
    at: At | None

class BoardSeatList(Form):
    """董事席位列表 / list of seat on the board."""

    complete: bool
    items: list[BoardSeat]
    at: At | None

class PostList(Form):
    """任职列表 / list of post."""

    complete: bool
    items: list[Post]
    at: At | None

class SanctionPartItemList(Form):
    """处罚内容列表 / list of part of a sanction."""

    complete: bool
    items: list[SanctionPartItem]
    at: At | None

class Filing(Form):
    """申报材料 / filing."""

    schema_: str
    pack: str
    as_of: str | None
    documents: dict[str, DocumentForm]
    issuer: Issuer | None
    offering: Offering | None
    balance_sheet: BalanceSheet | None
    control: Control | None
    unfinished_deals: UnfinishedDealList | None
    financial_years: FinancialYearList | None
    use_changes: UseChangeList | None
    public_promises: PublicPromiseList | None
    debt_defaults: DebtDefaultList | None
    restructurings: RestructuringList | None
    ended_applications: EndedApplicationList | None
    distributions: DistributionList | None
    restrictions: RestrictionList | None
    sponsor_refusals: SponsorRefusalList | None
    takeover_agreements: TakeoverAgreementList | None
    uses: UseList | None
    people: PersonList | None
    sanctions: SanctionList | None
    investigations: InvestigationList | None
    accounts: AccountList | None
    investments: InvestmentList | None
    commitments: CommitmentList | None
    contributions: ContributionList | None
    earlier_raisings: RaisingList | None
    control_group: HolderList | None
    reductions: ReductionList | None
    subscribers: SubscriberList | None
    directors: BoardSeatList | None
    judgements: list[JudgementForm]
    evidence: list[EvidenceForm]
    filing_conclusions: list[ConclusionForm]
    tables: list[TableForm]
