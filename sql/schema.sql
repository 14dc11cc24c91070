-- The data model on one page: what was given (reference), what was received (core), what is answered (mart).
--
-- Keys are varchar, also where they look like numbers. A text that is not there is '' and never null; a number, a
-- date or a timestamp that is not there is null. Timestamps are UTC. Every table of mart is made by sql/marts/.

create schema reference;
create schema core;
create schema mart;

-- ---------------------------------------------------------------- reference: given

create table reference.org_unit (
    org_unit varchar not null,
    name varchar not null,
    short_name varchar not null,
    kind varchar not null,
    unit_group varchar not null,        -- of its kind
    parent varchar not null,
    province varchar not null,          -- a province's is itself, the country's is ''
    reporting_line varchar not null,    -- ubnd, vptu or ''
    valid_from date,
    valid_to date,
    official_code varchar not null,
    search_key varchar not null,
    sort_key varchar not null
);

create table reference.unit_kind (
    kind varchar not null,
    name_vi varchar not null,
    name_en varchar not null,
    unit_group varchar not null,        -- units are ranked and added up within their group only
    group_name_vi varchar not null,
    group_name_en varchar not null,
    position integer not null,
    is_ranked boolean not null
);

create table reference.indicator (
    indicator varchar not null,
    name_vi varchar not null,
    name_en varchar not null,
    topic varchar not null,
    numerator_name varchar not null,
    denominator_name varchar not null,
    measure_unit varchar not null,
    kind varchar not null,              -- ratio, count, quantity, score
    factor double not null,             -- value of a ratio = factor * numerator / denominator
    direction varchar not null,         -- higher, lower: which one is better
    value_type varchar not null,        -- in_period, cumulative, snapshot
    cadence varchar not null,
    reporter varchar not null,          -- department, commune, both; lead: only in a form of units
    source_document varchar not null,
    basis varchar not null,
    note varchar not null,
    decimals integer not null,
    position integer not null,
    search_key varchar not null
);

create table reference.target (
    indicator varchar not null,
    scope varchar not null,             -- unit code, kind, unit group, province code, or '' for all
    year integer not null,              -- 0 = every year
    value double not null,
    source_document varchar not null
);

create table reference.band (           -- classes of the gap to a target: points of per cent, else hundredths of the target
    indicator varchar not null,
    attention double not null,          -- short by up to this much: asks for attention; by more: behind
    behind double not null,
    far_behind double not null,
    least_denominator double not null   -- a ratio of less says little
);

create table reference.planned_path (   -- what was planned for the end of a quarter
    indicator varchar not null,
    scope varchar not null,             -- as of a target
    period varchar not null,
    value double,                       -- null = what units had reached together by then
    source_document varchar not null
);

create table reference.slide (          -- one message of a meeting; group or indicator '' = the one that is looked at
    slide varchar not null,
    position integer not null,
    kind varchar not null,              -- bullets, ranking, map, movers, strip, multiples, tasks, missing
    unit_group varchar not null,
    indicator varchar not null,
    part varchar not null               -- of a kind: top, bottom, near; target, median; all, leads; or ''
);

create table reference.period (
    period varchar not null,
    cadence varchar not null,           -- weekly, monthly, quarterly, half, nine_months, yearly
    start_on date not null,
    end_on date not null,
    position integer not null,          -- order by (start, length)
    label_vi varchar not null,
    label_en varchar not null
);

create table reference.period_part (
    period varchar not null,            -- a quarter has 3 months; half, nine months and year have quarters; weeks are no part
    part varchar not null,
    part_no integer not null,           -- 1 is the first
    part_count integer not null
);

create table reference.form (
    form varchar not null,
    code varchar not null,
    name_vi varchar not null,
    name_en varchar not null,
    shape varchar not null,             -- indicator_rows, task_rows, unit_rows
    rank integer not null               -- the lower counts where two forms give the same figure
);

create table reference.form_lead (      -- indicators for which a form counts before every other
    form varchar not null,
    indicator varchar not null
);

create table reference.expected (       -- who must send what, spelled out to units
    form varchar not null,
    cadence varchar not null,
    org_unit varchar not null
);

create table reference.expected_indicator (  -- the indicators a unit must fill in such a form (indicator_rows only)
    form varchar not null,
    cadence varchar not null,
    org_unit varchar not null,
    indicator varchar not null
);

create table reference.due (            -- the last day in time, working days and holidays counted
    form varchar not null,
    cadence varchar not null,
    period varchar not null,
    due_on date not null
);

create table reference.task (
    assigned_in varchar not null,
    task varchar not null,
    title varchar not null,
    lead varchar not null,
    due_on date,
    due_precision varchar not null,
    programme varchar not null
);

create table reference.succession (
    old_org_unit varchar not null,
    new_org_unit varchar not null,
    share_kind varchar not null         -- whole, part
);

create table reference.tile (           -- one square per commune; col 0 = west, row 0 = north
    province varchar not null,
    org_unit varchar not null,
    col integer not null,
    "row" integer not null
);

create table reference.quality (        -- the family of data quality that a finding speaks of
    code varchar not null,
    family varchar not null             -- dung, du, sach, song, thong_nhat, dung_chung
);

create table reference.meeting (
    meeting varchar not null,
    name_vi varchar not null,
    name_en varchar not null,
    held_on date not null,
    known_at timestamp                  -- what the meeting saw had been received by then
);

-- ---------------------------------------------------------------- core: received

create table core.build (               -- one row: this very warehouse
    built_at timestamp not null,
    as_of date not null,                -- the day of the view
    known_until timestamp,              -- only what had been received by then; null = everything
    reference_hash varchar not null,
    is_demo boolean not null
);

create table core.submission (
    submission varchar not null,        -- sorts by arrival
    file varchar not null,
    file_name varchar not null,
    form varchar not null,
    org_unit varchar not null,          -- the sender, also of a form about other units
    period varchar not null,
    as_of date,
    received_at timestamp not null,
    sender varchar not null,
    sent_for varchar not null,          -- the unit that the account it was sent with is bound to, or ''
    channel varchar not null,
    backfilled boolean not null,
    outcome varchar not null,           -- accepted, rejected, duplicate
    sheet varchar not null,
    observation_count integer not null,
    task_count integer not null,
    error_count integer not null,
    warning_count integer not null,
    is_withdrawn boolean not null,
    is_current boolean not null         -- at least one of its rows counts (or it is the latest of its key, if it has none)
);

-- is_current, here and in task_report: the submission is accepted, not withdrawn and the latest (by submission id) of
-- its key: form × sender × period; where rows are units, form × indicator × row's unit × period, whoever sent it.
create table core.observation (
    submission varchar not null,
    file varchar not null,
    form varchar not null,
    org_unit varchar not null,          -- the unit the figure is about
    indicator varchar not null,
    period varchar not null,
    as_of date,
    received_at timestamp not null,
    numerator double,
    denominator double,
    value double,                       -- in the indicator's measure unit
    value_to double,                    -- upper end of a range
    qualifier varchar not null,         -- '' (exact), gt, ge, lt, le, approx, range
    status varchar not null,            -- reported, not_reported, not_applicable, no_activity
    sheet varchar not null,
    cell varchar not null,
    shown varchar not null,
    note varchar not null,
    is_current boolean not null
);

create table core.task_report (
    submission varchar not null,
    file varchar not null,
    form varchar not null,
    org_unit varchar not null,          -- the sender
    task_key varchar not null,          -- assigned_in|task if in reference.task, else sender|task or normalised title
    task varchar not null,
    title varchar not null,
    assigned_in varchar not null,
    lead varchar not null,              -- a unit, or '' where the text names not exactly one
    lead_text varchar not null,
    coordinating varchar[] not null,
    coordinating_text varchar not null,
    due_on date,
    due_precision varchar not null,
    due_text varchar not null,
    state varchar not null,             -- chua_thuc_hien, dang_thuc_hien, da_hoan_thanh, thuong_xuyen
    status varchar not null,            -- state and dates on the submission's as-of date
    completed_on date,
    progress_pct double,
    result varchar not null,
    obstacle varchar not null,
    proposal varchar not null,
    period varchar not null,
    as_of date not null,
    received_at timestamp not null,
    sheet varchar not null,
    cell varchar not null,
    shown varchar not null,
    is_current boolean not null
);

create table core.finding (
    submission varchar not null,
    position integer not null,          -- order within the submission
    code varchar not null,
    severity varchar not null,          -- error, warning, info
    sheet varchar not null,
    cell varchar not null,
    shown varchar not null,
    message_vi varchar not null,
    message_en varchar not null
);

-- The state of a task with its dates on `day`: the same rule as the reader's, which knows only the as-of date.
create macro core.task_status(state, due_on, completed_on, as_of, day) as
    case
        when state = 'thuong_xuyen' then state
        when due_on is null then state || '_khong_han'
        when state = 'da_hoan_thanh' and completed_on is null and as_of <= due_on then state || '_dung_han'
        when state = 'da_hoan_thanh' and completed_on is null then state || '_khong_han'
        when state = 'da_hoan_thanh' and completed_on <= due_on then state || '_dung_han'
        when state <> 'da_hoan_thanh' and day <= due_on then state || '_dung_han'
        else state || '_qua_han'
    end;

-- The calendar day in Viet Nam (UTC+7, no summer time) of a UTC timestamp.
create macro core.local_day(moment) as cast(moment + interval 7 hours as date);

-- Whether a value meets its target; null where it cannot be known: no value, an approximate one, or a bound on the
-- wrong side ("more than 80" neither meets nor misses 90).
create macro core.is_met(direction, qualifier, value, value_to, target) as
    case
        when value is null or target is null then null
        when qualifier = '' then if(direction = 'lower', value <= target, value >= target)
        when direction = 'lower' and qualifier in ('lt', 'le') and value <= target then true
        when direction = 'lower' and qualifier = 'gt' and value >= target then false
        when direction = 'lower' and qualifier in ('ge', 'range') and value > target then false
        when direction = 'lower' and qualifier = 'range' and value_to <= target then true
        when direction = 'higher' and qualifier in ('gt', 'ge', 'range') and value >= target then true
        when direction = 'higher' and qualifier = 'lt' and value <= target then false
        when direction = 'higher' and qualifier = 'le' and value < target then false
        when direction = 'higher' and qualifier = 'range' and value_to < target then false
    end;

-- How exact a sum of values with these qualifiers is (an aggregate; a null does not count).
create macro core.sum_qualifier(qualifier) as
    case
        when coalesce(bool_and(qualifier = ''), true) then ''
        when bool_and(qualifier in ('', 'gt', 'ge')) then if(bool_or(qualifier = 'gt'), 'gt', 'ge')
        when bool_and(qualifier in ('', 'lt', 'le')) then if(bool_or(qualifier = 'lt'), 'lt', 'le')
        when bool_and(qualifier in ('', 'range')) then 'range'
        else 'approx'
    end;

-- A gap (positive is good) in points of per cent, else in hundredths of what is compared with.
create macro core.relative_gap(gap, measure_unit, basis) as
    case
        when gap is null or measure_unit = '%' then gap
        when basis <> 0 then 100 * gap / abs(basis)
        when gap = 0 then 0
        else sign(gap) * 100
    end;

-- 0 (target met) … 4 (furthest from it) of a relative gap; null without one.
create macro core.gap_class(gap, attention, behind, far_behind) as
    case
        when gap >= 0 then 0
        when gap >= -attention then 1
        when gap >= -behind then 2
        when gap >= -far_behind then 3
        when gap is not null then 4
    end;
