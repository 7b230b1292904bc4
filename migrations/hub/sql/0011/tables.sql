-- What happens to orders after their sale, under the names that the stations use (app/store/schema_rights.py), and what
-- was said about people and roles. Every table is a function of the set of entries. What belongs to orders is
-- hash-partitioned by feed as they are.

CREATE TABLE hub.reservation (
    feed text COLLATE "C" NOT NULL,
    order_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    until_at timestamptz NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    PRIMARY KEY (feed, order_id)
) PARTITION BY HASH (feed);

-- Receipts of payments that came after the sale; those of sales are in hub.orders.
CREATE TABLE hub.receipt (
    feed text COLLATE "C" NOT NULL,
    prefix text COLLATE "C" NOT NULL,
    epoch integer NOT NULL,
    practice boolean NOT NULL,
    number bigint NOT NULL,
    order_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    receipt text COLLATE "C" NOT NULL,
    shift text COLLATE "C",
    hlc text COLLATE "C" NOT NULL,
    PRIMARY KEY (feed, prefix, epoch, practice, number, order_id)
) PARTITION BY HASH (feed);

-- Tickets taken back for money by one entry: refunds, voids, exchanges.
CREATE TABLE hub.give_back (
    feed text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    refund uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,               -- refund_paid · order_voided · exchanged
    currency text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    practice boolean NOT NULL,
    user_id text COLLATE "C",
    station text COLLATE "C" NOT NULL,
    shift text COLLATE "C",
    amount_minor bigint NOT NULL,
    into_order uuid,                              -- what it was exchanged for
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (feed, entry_id)
) PARTITION BY HASH (feed);

-- A ticket was given back for money, or its reservation was given up.
CREATE TABLE hub.ticket_act (
    feed text COLLATE "C" NOT NULL,               -- of its event
    serial text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,               -- as in give_back, and reservation_released
    event bigint NOT NULL,
    amount_minor bigint NOT NULL,
    seen text[] COLLATE "C" NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (feed, serial, entry_id)
) PARTITION BY HASH (feed);

CREATE TABLE hub.payout (
    feed text COLLATE "C" NOT NULL,
    payout uuid NOT NULL,
    entry_id uuid NOT NULL,
    order_id uuid NOT NULL,
    shift text COLLATE "C",
    practice boolean NOT NULL,
    currency text COLLATE "C" NOT NULL,
    tender text COLLATE "C" NOT NULL,
    amount_minor bigint NOT NULL,
    reference text,
    station text COLLATE "C" NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (feed, payout)
) PARTITION BY HASH (feed);

DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['reservation', 'receipt', 'give_back', 'ticket_act', 'payout'] LOOP
        EXECUTE pg_catalog.format('ALTER TABLE hub.%I ENABLE ROW LEVEL SECURITY', v_table);
        FOR n IN 0 .. 7 LOOP
            EXECUTE pg_catalog.format('CREATE TABLE hub_part.%I PARTITION OF hub.%I FOR VALUES WITH (MODULUS 8, REMAINDER %s)',
                                      v_table || '_' || n, v_table, n);
            EXECUTE pg_catalog.format('ALTER TABLE hub_part.%I ENABLE ROW LEVEL SECURITY', v_table || '_' || n);
        END LOOP;
    END LOOP;
END
$$;

-- Payments that were not taken in one step: started, failed, unknown, resolved.
CREATE TABLE hub.payment_fact (
    payment uuid NOT NULL,
    entry_id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    shift text COLLATE "C",
    tender text COLLATE "C" NOT NULL,
    amount_minor bigint NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (payment, entry_id)
);

-- What was put on gift cards and vouchers and taken from them; `value` is the hash of a code.
CREATE TABLE hub.value_fact (
    value text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    amount_minor bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    spend text COLLATE "C" NOT NULL,
    request text COLLATE "C" NOT NULL,
    at_risk boolean NOT NULL,
    expires_at timestamptz,
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (value, entry_id)
);

-- Roles given and taken, people let in and shut out; null: not said.
CREATE TABLE hub.person_change (
    user_id text COLLATE "C" NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    roles text[] COLLATE "C",
    enabled boolean,
    PRIMARY KEY (user_id, hlc, entry_id)
);

-- Roles as they were defined anew.
CREATE TABLE hub.role_change (
    role text COLLATE "C" NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    entry_id uuid NOT NULL,
    permissions text[] COLLATE "C" NOT NULL,
    limits jsonb NOT NULL,
    title text NOT NULL,
    removed boolean NOT NULL,
    PRIMARY KEY (role, hlc, entry_id)
);

ALTER TABLE hub.payment_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.value_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.person_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE hub.role_change ENABLE ROW LEVEL SECURITY;
