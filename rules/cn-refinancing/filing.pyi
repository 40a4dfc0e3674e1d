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

class Issuer(Form):
    """发行人 / issuer."""

    code: str | None
    name: str | None
    board: Figure | None
    financial_institution: Figure | None

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
