-- What the entries add up to, as tables for reports: the same columns as at the stations (app/store/schema.py),
-- with times as timestamptz. Every table is a function of the set of entries. What grows with sales and scans is
-- hash-partitioned by feed; the partitions lie in hub_part. Organization-wide tables stay whole: they are small.

CREATE SCHEMA hub_part;

CREATE TABLE hub.orders (
    feed text COLLATE "C" NOT NULL,               -- home: the first event of the entry's feeds
    order_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    part integer NOT NULL,
    station text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    seq bigint NOT NULL,
    cashier text COLLATE "C",
    shift text COLLATE "C",
    channel text NOT NULL,
    reference text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    customer uuid,
    key_id text COLLATE "C" NOT NULL,
    sold_at timestamptz NOT NULL,
    receipt text COLLATE "C" NOT NULL,
    receipt_prefix text COLLATE "C" NOT NULL,
    receipt_epoch integer NOT NULL,
    receipt_number bigint NOT NULL,
    practice boolean NOT NULL,
    gross_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    due_minor bigint NOT NULL,
    PRIMARY KEY (feed, order_id)
) PARTITION BY HASH (feed);

-- A position is a ticket too: its serial.
CREATE TABLE hub.position (
    feed text COLLATE "C" NOT NULL,               -- of its event
    serial text COLLATE "C" NOT NULL,
    order_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    line integer NOT NULL,
    order_reference text COLLATE "C" NOT NULL,
    product bigint NOT NULL,
    event bigint NOT NULL,
    performance bigint NOT NULL,                  -- 0: none
    currency text COLLATE "C" NOT NULL,
    price_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    gross_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    tax_rate_bp bigint NOT NULL,
    price_version bigint NOT NULL,
    admits bigint NOT NULL,
    zones bigint NOT NULL,
    seat text,
    sold_at timestamptz NOT NULL,
    valid_from_at timestamptz,
    valid_until_at timestamptz,
    is_pass boolean NOT NULL,
    station text COLLATE "C" NOT NULL,
    practice boolean NOT NULL,
    PRIMARY KEY (feed, serial)
) PARTITION BY HASH (feed);

CREATE TABLE hub.payment (
    feed text COLLATE "C" NOT NULL,               -- of its order
    payment uuid NOT NULL,
    order_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    line integer NOT NULL,
    shift text COLLATE "C",
    practice boolean NOT NULL,
    currency text COLLATE "C" NOT NULL,
    tender text COLLATE "C" NOT NULL,
    amount_minor bigint NOT NULL,
    tendered_minor bigint NOT NULL,
    change_minor bigint NOT NULL,
    reference text,
    station text COLLATE "C" NOT NULL,
    paid_at timestamptz NOT NULL,
    PRIMARY KEY (feed, payment)
) PARTITION BY HASH (feed);

-- Admissions, exits, refusals and undos. An undo takes its target back, whichever comes first: hub.gate_passage.
CREATE TABLE hub.gate_fact (
    feed text COLLATE "C" NOT NULL,               -- of the ticket's event, or where that is unknown of the gate's
    serial text COLLATE "C" NOT NULL,             -- '': a code that is none of ours
    entry_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,               -- admitted · exited · refused · undone
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    event bigint NOT NULL,
    at_event bigint NOT NULL,
    product bigint NOT NULL,
    performance bigint NOT NULL,
    gate text COLLATE "C" NOT NULL,
    lane text COLLATE "C" NOT NULL,
    direction text COLLATE "C" NOT NULL,
    verdict text COLLATE "C" NOT NULL,
    via text COLLATE "C" NOT NULL,
    confidence text COLLATE "C" NOT NULL,
    people bigint NOT NULL,
    operator text COLLATE "C",
    station text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL,
    print_number bigint NOT NULL,
    PRIMARY KEY (feed, serial, entry_id)
) PARTITION BY HASH (feed);
CREATE INDEX gate_fact_undone ON hub.gate_fact (serial, target) WHERE kind = 'undone';

CREATE TABLE hub.print_fact (
    feed text COLLATE "C" NOT NULL,
    serial text COLLATE "C" NOT NULL,             -- '': a receipt alone
    entry_id uuid NOT NULL,
    order_id uuid NOT NULL,
    print_number bigint NOT NULL,
    medium text COLLATE "C" NOT NULL,
    receipt boolean NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    station text COLLATE "C" NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (feed, serial, entry_id)
) PARTITION BY HASH (feed);

DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['orders', 'position', 'payment', 'gate_fact', 'print_fact'] LOOP
        EXECUTE pg_catalog.format('ALTER TABLE hub.%I ENABLE ROW LEVEL SECURITY', v_table);
        FOR n IN 0 .. 7 LOOP
            EXECUTE pg_catalog.format('CREATE TABLE hub_part.%I PARTITION OF hub.%I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                                      v_table || '_' || n, v_table, n);
            EXECUTE pg_catalog.format('ALTER TABLE hub_part.%I ENABLE ROW LEVEL SECURITY', v_table || '_' || n);
        END LOOP;
    END LOOP;
END
$$;

CREATE TABLE hub.shift_opened (
    shift text COLLATE "C" PRIMARY KEY,
    entry_id uuid NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    station text COLLATE "C" NOT NULL,
    cashier text COLLATE "C",
    drawer text NOT NULL,
    currency text COLLATE "C" NOT NULL,
    float_minor bigint NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE hub.shift_closed (
    shift text COLLATE "C" PRIMARY KEY,
    entry_id uuid NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    station text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    expected_minor bigint NOT NULL,
    counted_minor bigint NOT NULL,
    difference_minor bigint NOT NULL,
    receipts_first text COLLATE "C",
    receipts_last text COLLATE "C",
    receipts_count bigint NOT NULL,
    tenders jsonb NOT NULL,
    at timestamptz NOT NULL
);

-- The catalogue: a patch per entry; the object is the fold of its patches, made ones first, then by stamp.
CREATE TABLE hub.catalogue_patch (
    object text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    made boolean NOT NULL,
    event bigint NOT NULL,
    fields jsonb NOT NULL,
    base text COLLATE "C",
    station text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (object, name, hlc, entry_id)
);

CREATE TABLE hub.catalogue_object (
    object text COLLATE "C" NOT NULL,             -- event · performance · quota · product · gate
    name text COLLATE "C" NOT NULL,               -- its number, or the gate's code
    event bigint NOT NULL,
    made text COLLATE "C" NOT NULL,
    fields jsonb NOT NULL,
    PRIMARY KEY (object, name)
);

CREATE TABLE hub.event_fact (
    event bigint NOT NULL,
    entry_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    rule text NOT NULL,
    PRIMARY KEY (event, entry_id)
);

CREATE TABLE hub.setting (
    name text COLLATE "C" PRIMARY KEY,
    value jsonb NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL
);

-- Logins and roles; names and addresses are in documents, and never here.
CREATE TABLE hub.person (
    user_id text COLLATE "C" PRIMARY KEY,
    login text COLLATE "C" NOT NULL,
    roles text[] COLLATE "C" NOT NULL,
    document text COLLATE "C",
    hlc text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL
);

CREATE TABLE hub.conflict_resolution (
    conflict text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    seen text[] COLLATE "C" NOT NULL,
    reason text NOT NULL,
    user_id text COLLATE "C",
    station text COLLATE "C" NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (conflict, entry_id)
);

-- Control sums as of a position, computed at most once for each.
CREATE TABLE hub.control_sum (
    feed text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL,
    sums jsonb NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['shift_opened', 'shift_closed', 'catalogue_patch', 'catalogue_object', 'event_fact',
                                   'setting', 'person', 'conflict_resolution', 'control_sum'] LOOP
        EXECUTE pg_catalog.format('ALTER TABLE hub.%I ENABLE ROW LEVEL SECURITY', v_table);
    END LOOP;
END
$$;
