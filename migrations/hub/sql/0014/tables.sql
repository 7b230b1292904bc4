-- Promo codes: objects of the catalogue as others are; and which order used which.

INSERT INTO hub.known_kind (kind, v) SELECT kind, 1 FROM unnest(ARRAY['promo_created', 'promo_changed']) AS kind
    ON CONFLICT DO NOTHING;

-- A sale or reservation with a promo code. Its uses are counted by the pool of the code, as places are.
CREATE TABLE hub.promo_use (
    order_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    promo bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    discount_minor bigint NOT NULL,               -- of the order
    practice boolean NOT NULL,
    station text COLLATE "C" NOT NULL,
    hlc text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (order_id, entry_id)
);
ALTER TABLE hub.promo_use ENABLE ROW LEVEL SECURITY;
