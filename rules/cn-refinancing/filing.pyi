# Generated from facts.yaml: do not edit. The models of a filing, as compliance.facts.models makes them.
#
# A type checker finds them with this folder on its path (mypy_path, or extraPaths of pyright):
#     if TYPE_CHECKING:
#         from filing import Filing
from compliance.facts.models import (
    At,
    DocumentForm,
    EvidenceForm,
    Form,
    JudgementForm,
    StatedForm,
    TableForm,
)
from compliance.quantities import Figure

class Clock(Form):
    """期限 / clock."""

    id: str | None
    kind: Figure | None
    earliest: Figure | None
    deadline: Figure | None
    done: Figure | None
    at: At | None

class ReliedReport(Form):
    """引用的评估或评级报告 / valuation or rating report relied on."""

    id: str | None
    kind: Figure | None
    valid_until: Figure | None
    at: At | None

class Bond(Form):
    """已发行债券 / bond outstanding."""

    name: str | None
    kind: Figure | None
    balance: Figure | None
    term_months: Figure | None
    at: At | None

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
    total_assets: Figure | None
    fixed_assets: Figure | None
    construction_in_progress: Figure | None
    land_use_rights: Figure | None
    right_of_use_assets: Figure | None
    deferred_expenses: Figure | None
    other_capital_assets: Figure | None
    staff: Figure | None
    rd_staff: Figure | None
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
    rescue: Figure | None
    at: At | None

class Issuer(Form):
    """发行人 / issuer."""

    code: str | None
    name: str | None
    board: Figure | None
    financial_institution: Figure | None
    run_lawfully: Figure | None
    interests_harmed: Figure | None
    dishonest_debtor: Figure | None
    listed: Figure | None
    bond_proceeds_diverted: Figure | None
    organisation_sound: Figure | None
    business_independent: Figure | None
    accounting_sound: Figure | None
    latest_accounts_compliant: Figure | None
    cash_flow_sound: Figure | None
    financial_share_high: Figure | None
    financial_investment_large: Figure | None
    real_estate: Figure | None
    listed_unprofitable: Figure | None
    still_unprofitable: Figure | None
    technology_company: Figure | None
    risk_warning: Figure | None
    light_asset_recognised: Figure | None
    ipo_price: Figure | None
    dividends_by_articles: Figure | None
    parent_undistributed_profit: Figure | None
    dividends_high: Figure | None
    high_quality: Figure | None
    disclosure_grade_latest: Figure | None
    disclosure_grade_prior: Figure | None

class Offering(Form):
    """本次发行 / the offering."""

    title: str | None
    route: Figure | None
    board_date: Figure | None
    plan_disclosed: Figure | None
    filing_date: Figure | None
    gross_proceeds: Figure | None
    deduction: Figure | None
    deducted_for_earlier: Figure | None
    new_shares: Figure | None
    shares_before: Figure | None
    shares_at_plan: Figure | None
    subscriber_cap: Figure | None
    into_repurchased: Figure | None
    convertible_shares: Figure | None
    audited_years: Figure | None
    period_statements: Figure | None
    votes_present: Figure | None
    votes_for: Figure | None
    placed_with_holders: Figure | None
    related_holders_abstained: Figure | None
    small_holders_counted: Figure | None
    online_voting: Figure | None
    registered: Figure | None
    issue_first_day: Figure | None
    payment_done: Figure | None
    payment_deadline: Figure | None
    submitted: Figure | None
    submission_deadline: Figure | None
    result_resolved: Figure | None
    result_deadline: Figure | None
    prospectus_signed: Figure | None
    prospectus_last_used: Figure | None
    sale_started: Figure | None
    sale_ended: Figure | None
    holders_invited: Figure | None
    funds_invited: Figure | None
    brokers_invited: Figure | None
    insurers_invited: Figure | None
    interested_invited: Figure | None
    by_tranches: Figure | None
    first_tranche_day: Figure | None
    first_tranche_shares: Figure | None
    last_tranche_day: Figure | None
    issuer_vows_completion: Figure | None
    placee_vows_completion: Figure | None
    still_qualified: Figure | None
    coupon_assumed: Figure | None
    bond_term_months: Figure | None
    bond_face: Figure | None
    bond_ratio_close: Figure | None
    bond_ratio_undertaking: Figure | None
    rating_report: Figure | None
    rating_follow_up: Figure | None
    bond_trustee: Figure | None
    holders_meeting_rules: Figure | None
    put_on_change: Figure | None
    redemption_terms: Figure | None
    repayment_days: Figure | None
    delisting_met: Figure | None
    takeover_or_purchase: Figure | None
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
    quasi_deduction: Figure | None
    quasi_undertaking: Figure | None
    quasi_undertaking_months: Figure | None
    proceeds_not_financial: Figure | None
    proceeds_cut: Figure | None
    necessity_opinion: Figure | None
    national_strategy: Figure | None
    meeting_date: Figure | None
    rights_commitment: Figure | None
    commitment_performed: Figure | None
    subscribed_shares: Figure | None
    simplified_raised: Figure | None
    other_raised: Figure | None
    mandate_meeting: Figure | None
    next_annual_meeting: Figure | None
    large_raising: Figure | None
    precommunicated: Figure | None
    project_with_registration: Figure | None
    restructuring_procedures: Figure | None
    usage_report_due: Figure | None
    usage_report: Figure | None
    usage_report_approved: Figure | None
    usage_report_assurance: Figure | None
    light_asset_claimed: Figure | None
    key_technology: Figure | None
    placees_partly_fixed: Figure | None
    stage: Figure | None
    base_date_kind: Figure | None
    base_date: Figure | None
    issue_price: Figure | None
    offer_announced: Figure | None
    invitation_date: Figure | None
    upward_reset_clause: Figure | None
    downward_reset_clause: Figure | None
    reset_proposed: Figure | None
    reset_meeting: Figure | None
    reset_price: Figure | None
    reset_votes_present: Figure | None
    reset_votes_for: Figure | None
    reset_holders_abstained: Figure | None
    lock_months: Figure | None
    issue_ended: Figure | None
    tradable_from: Figure | None
    conversion_lock_months: Figure | None
    conversion_lock_from: Figure | None
    conversion_start_months: Figure | None
    conversion_first_day: Figure | None
    resolution_until: Figure | None
    resolution_renews_itself: Figure | None
    base_date_reset: Figure | None
    base_date_board: Figure | None
    public_shares_after: Figure | None
    share_capital_after: Figure | None
    rights_same_ratio: Figure | None
    offered_quantity: Figure | None
    paid_quantity: Figure | None
    fallback_stated: Figure | None
    sale_form: Figure | None
    guaranteed_returns: Figure | None
    coupon_by_bidding: Figure | None
    bonds_buy_assets: Figure | None
    registered_to_holders: Figure | None
    subscription_floor_kept: Figure | None
    productive_use: Figure | None
    feasibility_dated: Figure | None
    feasibility_supplemented: Figure | None
    changes_control: Figure | None
    dilution_analysis: Figure | None
    dilution_undertakings: Figure | None
    profit_forecast: Figure | None
    forecast_profit: Figure | None
    achieved_profit: Figure | None
    forecast_explained: Figure | None
    force_majeure: Figure | None
    independent_opinion: Figure | None
    placees_by_bidding: Figure | None

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
    main_business_research: Figure | None
    spent_before_board: Figure | None
    exploration_right: Figure | None
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
    activity: Figure | None
    tied_to_business: Figure | None
    year_revenue: Figure | None
    year_profit: Figure | None
    interim_revenue: Figure | None
    interim_profit: Figure | None
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
    placees_fixed: Figure | None
    received: Figure | None
    gross: Figure | None
    net: Figure | None
    permanent_working_capital: Figure | None
    non_capital: Figure | None
    use_changed: Figure | None
    used_up: Figure | None
    on_plan: Figure | None
    used_up_at_filing: Figure | None
    used_for_financial: Figure | None
    year_ended: Figure | None
    in_report: Figure | None
    agreement_signed: Figure | None
    in_finance_company: Figure | None
    replaced: Figure | None
    into_account: Figure | None
    replaced_on: Figure | None
    surplus_to_working_capital: Figure | None
    at: At | None

class Control(Form):
    """控制权 / control."""

    name: str | None
    has_controller: Figure | None
    controlling_shareholder: Figure | None
    largest_other: Figure | None
    other_convertible: Figure | None
    controller_convertible: Figure | None
    offer_exempted: Figure | None
    threshold_since: Figure | None
    other_increase: Figure | None
    acquirer_lock_months: Figure | None
    dishonest_debtor: Figure | None
    acquirer_debt: Figure | None
    acquirer_violation: Figure | None
    acquirer_dishonest: Figure | None
    acquirer_barred: Figure | None

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
    category: Figure | None
    kind: Figure | None
    named_by_board: Figure | None
    bids: Figure | None
    takes_bid_price: Figure | None
    barred_affiliate: Figure | None
    own_shares: Figure | None
    through_products: Figure | None
    products: SubscribingProductList | None
    own_funds: Figure | None
    lock_months: Figure | None
    tradable_from: Figure | None
    contract_signed: Figure | None
    cooperation_agreement: Figure | None
    resolved_separately: Figure | None
    nominates_director: Figure | None
    strategic_in_substance: Figure | None
    foreign: Figure | None
    own_assets_usd: Figure | None
    managed_assets_usd: Figure | None
    records: InvestorRecordList | None
    funding_stated: Figure | None
    funding_clean: Figure | None
    three_undertakings: Figure | None
    looked_through: Figure | None
    at: At | None

class BoardSeat(Form):
    """董事席位 / seat on the board."""

    name: str | None
    nominator: str | None
    by_controller: Figure | None
    at: At | None

class IncomeStatement(Form):
    """最近一年一期合并利润表 / consolidated income statements of the latest year and period."""

    year_revenue: Figure | None
    year_profit: Figure | None
    interim_revenue: Figure | None
    interim_profit: Figure | None

class YearEnd(Form):
    """最近一年末合并净资产 / consolidated equity at the latest year-end."""

    parent_equity: Figure | None
    total_equity: Figure | None
    mandate_equity: Figure | None

class TradingDay(Form):
    """交易日行情 / trading day."""

    day: Figure | None
    turnover: Figure | None
    volume: Figure | None
    close_from_ipo: Figure | None
    close_from_year: Figure | None
    close_from_period: Figure | None
    year_nav: Figure | None
    period_nav: Figure | None
    at: At | None

class SubscribingProduct(Form):
    """认购产品 / subscribing product."""

    id: str | None
    shares: Figure | None
    at: At | None

class InvestorRecord(Form):
    """处罚及诚信记录 / record of an investor."""

    id: str | None
    kind: Figure | None
    day: Figure | None
    at: At | None

class PlanChange(Form):
    """方案变更 / change of the plan."""

    id: str | None
    proceeds_before: Figure | None
    proceeds_after: Figure | None
    project_added: Figure | None
    stakes: StakeChangeList | None
    weighs_on_price: Figure | None
    base_date_set_anew: Figure | None
    meeting_approved: Figure | None
    after_filing: Figure | None
    refiled: Figure | None
    at: At | None

class StakeChange(Form):
    """认购股数变化 / change of a stake."""

    name: str | None
    shares_before: Figure | None
    shares_after: Figure | None
    at: At | None

class InsiderTrade(Form):
    """认购人的反向交易 / trade by a subscriber."""

    id: str | None
    person: str | None
    side: Figure | None
    day: Figure | None
    exempt: Figure | None
    same_class: Figure | None
    at: At | None

class Project(Form):
    """募投项目 / project."""

    name: str | None
    nature: Figure | None
    industry_class: Figure | None
    overcapacity: Figure | None
    implementer: Figure | None
    policy_exempt: Figure | None
    associate_history: Figure | None
    associate_supervision: Figure | None
    associate_decisions: Figure | None
    associate_dividends: Figure | None
    innovative: Figure | None
    main_business: Figure | None
    second_curve: Figure | None
    abroad: Figure | None
    approvals: ProjectApprovalList | None
    approvals_explained: Figure | None
    at: At | None

class ProjectApproval(Form):
    """项目手续 / approval."""

    id: str | None
    kind: Figure | None
    status: Figure | None
    obtained: Figure | None
    expires: Figure | None
    at: At | None

class EarlierProject(Form):
    """前次募投项目 / earlier project."""

    name: str | None
    promised_return: Figure | None
    achieved_return: Figure | None
    difference_explained: Figure | None
    idle_months: Figure | None
    planned_end: Figure | None
    planned_amount: Figure | None
    spent: Figure | None
    argued_again: Figure | None
    at: At | None

class Valuation(Form):
    """资产评估报告 / valuation report."""

    id: str | None
    base_date: Figure | None
    extended: Figure | None
    price_settled: Figure | None
    delivered: Figure | None
    at: At | None

class AcquisitionTarget(Form):
    """拟收购的标的 / target."""

    name: str | None
    total_assets: Figure | None
    net_assets: Figure | None
    revenue: Figure | None
    seller_becomes_holder: Figure | None
    seller_is_controller: Figure | None
    income_approach: Figure | None
    performance_promise: Figure | None
    at: At | None

class LaterReport(Form):
    """注册后公布的定期报告 / periodic report published after registration."""

    period: str | None
    annual: Figure | None
    ended: Figure | None
    profit: Figure | None
    profit_before: Figure | None
    core_profit: Figure | None
    core_profit_before: Figure | None
    reported: Figure | None
    at: At | None

class IdleUse(Form):
    """闲置募集资金的使用 / use of idle proceeds."""

    id: str | None
    kind: Figure | None
    starts: Figure | None
    returned: Figure | None
    principal_protected: Figure | None
    at: At | None

class ResolutionPoint(Form):
    """决议事项 / point of the resolution."""

    id: str | None
    kind: Figure | None
    at: At | None

class IntermediarySanction(Form):
    """中介机构及人员受到的处罚和处分 / sanction on an intermediary or its people."""

    id: str | None
    party: Figure | None
    kind: Figure | None
    received: Figure | None
    same_business: Figure | None
    at: At | None

class ClockList(Form):
    """期限列表 / list of clock."""

    complete: bool
    items: list[Clock]
    at: At | None

class ReliedReportList(Form):
    """引用的评估或评级报告列表 / list of valuation or rating report relied on."""

    complete: bool
    items: list[ReliedReport]
    at: At | None

class BondList(Form):
    """已发行债券列表 / list of bond outstanding."""

    complete: bool
    items: list[Bond]
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

class TradingDayList(Form):
    """交易日行情列表 / list of trading day."""

    complete: bool
    items: list[TradingDay]
    at: At | None

class PlanChangeList(Form):
    """方案变更列表 / list of change of the plan."""

    complete: bool
    items: list[PlanChange]
    at: At | None

class InsiderTradeList(Form):
    """认购人的反向交易列表 / list of trade by a subscriber."""

    complete: bool
    items: list[InsiderTrade]
    at: At | None

class ProjectList(Form):
    """募投项目列表 / list of project."""

    complete: bool
    items: list[Project]
    at: At | None

class EarlierProjectList(Form):
    """前次募投项目列表 / list of earlier project."""

    complete: bool
    items: list[EarlierProject]
    at: At | None

class ValuationList(Form):
    """资产评估报告列表 / list of valuation report."""

    complete: bool
    items: list[Valuation]
    at: At | None

class AcquisitionTargetList(Form):
    """拟收购的标的列表 / list of target."""

    complete: bool
    items: list[AcquisitionTarget]
    at: At | None

class LaterReportList(Form):
    """注册后公布的定期报告列表 / list of periodic report published after registration."""

    complete: bool
    items: list[LaterReport]
    at: At | None

class IdleUseList(Form):
    """闲置募集资金的使用列表 / list of use of idle proceeds."""

    complete: bool
    items: list[IdleUse]
    at: At | None

class ResolutionPointList(Form):
    """决议事项列表 / list of point of the resolution."""

    complete: bool
    items: list[ResolutionPoint]
    at: At | None

class IntermediarySanctionList(Form):
    """中介机构及人员受到的处罚和处分列表 / list of sanction on an intermediary or its people."""

    complete: bool
    items: list[IntermediarySanction]
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

class SubscribingProductList(Form):
    """认购产品列表 / list of subscribing product."""

    complete: bool
    items: list[SubscribingProduct]
    at: At | None

class InvestorRecordList(Form):
    """处罚及诚信记录列表 / list of record of an investor."""

    complete: bool
    items: list[InvestorRecord]
    at: At | None

class StakeChangeList(Form):
    """认购股数变化列表 / list of change of a stake."""

    complete: bool
    items: list[StakeChange]
    at: At | None

class ProjectApprovalList(Form):
    """项目手续列表 / list of approval."""

    complete: bool
    items: list[ProjectApproval]
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
    income_statement: IncomeStatement | None
    year_end: YearEnd | None
    clocks: ClockList | None
    relied_reports: ReliedReportList | None
    bonds: BondList | None
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
    trading_days: TradingDayList | None
    plan_changes: PlanChangeList | None
    insider_trades: InsiderTradeList | None
    projects: ProjectList | None
    earlier_projects: EarlierProjectList | None
    valuations: ValuationList | None
    acquisition_targets: AcquisitionTargetList | None
    later_reports: LaterReportList | None
    idle_uses: IdleUseList | None
    resolution_points: ResolutionPointList | None
    intermediary_sanctions: IntermediarySanctionList | None
    judgements: list[JudgementForm]
    evidence: list[EvidenceForm]
    filing_conclusions: list[StatedForm]
    tables: list[TableForm]
