-- The first schema. Held equal to the other database's file of the same name by a test: the same tables, columns and
-- keys. tenant_id leads every primary and unique key. Identifiers are UUIDv7, so their order is the order of time.
-- Decimals are text with every digit kept: never compare, order or sum them in SQL. Times are text with six fraction
-- digits, so that their order is the order of time. No foreign key is deferred: writes share a commit, and a deferred
-- check would fail all of them.

-- 1. Party: suppliers, buyers, and the connections between them -----------------------------------------------------

CREATE TABLE tenant (
    id          BLOB NOT NULL PRIMARY KEY,
    code        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    time_zone   TEXT NOT NULL,
    currency    TEXT NOT NULL
) STRICT;

CREATE TABLE buyer (
    tenant_id   BLOB NOT NULL REFERENCES tenant (id),
    id          BLOB NOT NULL,
    code        TEXT NOT NULL,
    name        TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code)
) STRICT;

CREATE TABLE connection (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    buyer_id     BLOB NOT NULL,
    code         TEXT NOT NULL,
    name         TEXT NOT NULL,
    profile      TEXT NOT NULL,
    mode         TEXT NOT NULL,
    state        TEXT NOT NULL,
    account_code TEXT NOT NULL,
    settings     TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code),
    FOREIGN KEY (tenant_id, buyer_id) REFERENCES buyer (tenant_id, id)
) STRICT;

-- A connection's From and Sender; without a connection a To, a name of the supplier's own.
CREATE TABLE identity (
    tenant_id     BLOB NOT NULL REFERENCES tenant (id),
    id            BLOB NOT NULL,
    connection_id BLOB,
    role          TEXT NOT NULL,
    domain        TEXT NOT NULL,
    identity      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, connection_id, role, domain, identity),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id)
) STRICT;

CREATE TABLE secret (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    slot          INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    keyed_hash    BLOB NOT NULL,
    sealed        TEXT,
    hint          TEXT NOT NULL,
    not_before    TEXT NOT NULL,
    not_after     TEXT,
    created_at    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, connection_id, kind, slot),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id)
) STRICT;

CREATE TABLE certificate (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    spki_sha256   BLOB,
    subject       TEXT,
    issuer        TEXT,
    created_at    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id)
) STRICT;

-- 2. Staff ------------------------------------------------------------------------------------------------------------

CREATE TABLE staff (
    tenant_id     BLOB NOT NULL REFERENCES tenant (id),
    id            BLOB NOT NULL,
    login         TEXT NOT NULL,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL,
    disabled      INTEGER NOT NULL,
    created_at    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, login)
) STRICT;

CREATE TABLE staff_session (
    tenant_id   BLOB NOT NULL,
    token_hash  BLOB NOT NULL,
    staff_id    BLOB NOT NULL,
    valid_until TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Programs that speak with the gateway by themselves; of their tokens only keyed hashes are kept.
CREATE TABLE api_client (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    name         TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    token_hash   BLOB NOT NULL,
    hint         TEXT NOT NULL,
    created_by   BLOB NOT NULL,
    created_at   TEXT NOT NULL,
    last_used_at TEXT,
    expires_at   TEXT,
    revoked_at   TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, created_by) REFERENCES staff (tenant_id, id)
) STRICT;

-- Only ever added to.
CREATE TABLE audit (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    at          TEXT NOT NULL,
    staff_id    BLOB,
    action      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    detail      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX audit_subject ON audit (tenant_id, subject, id);

-- 3. Exchange: every document received or sent ------------------------------------------------------------------------

-- Rows stay for ever, because repetitions are found by them; after retention the text goes and the hashes remain.
-- What is long stands last, so that lists need not read over it.
CREATE TABLE exchange (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    direction     TEXT NOT NULL,
    payload_id    TEXT NOT NULL,
    from_key      TEXT NOT NULL,
    document_type TEXT NOT NULL,
    sha256        BLOB NOT NULL,
    fingerprint   BLOB NOT NULL,
    encoding      TEXT NOT NULL,
    status        INTEGER NOT NULL,
    repeats       INTEGER NOT NULL,
    repeated_at   TEXT,
    findings      TEXT NOT NULL,
    trace_id      TEXT NOT NULL,
    remote        TEXT NOT NULL,
    duration_ms   INTEGER NOT NULL,
    received_at   TEXT NOT NULL,
    text          TEXT NOT NULL,
    answer        BLOB,
    answer_sealed TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id)
) STRICT;
-- One document, one effect: a repetition meets this key.
CREATE UNIQUE INDEX exchange_once ON exchange (tenant_id, connection_id, from_key, payload_id) WHERE direction = 'in';
CREATE INDEX exchange_payload ON exchange (tenant_id, payload_id);
CREATE INDEX exchange_connection ON exchange (tenant_id, connection_id, id);
CREATE INDEX exchange_refused ON exchange (tenant_id, id) WHERE status >= 400;
CREATE INDEX exchange_sealed ON exchange (tenant_id, received_at) WHERE answer_sealed IS NOT NULL;

CREATE TABLE attachment (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    exchange_id  BLOB NOT NULL,
    content_id   TEXT,
    content_type TEXT NOT NULL,
    file_name    TEXT,
    sha256       BLOB NOT NULL,
    bytes        BLOB NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, exchange_id) REFERENCES exchange (tenant_id, id)
) STRICT;
CREATE INDEX attachment_exchange ON attachment (tenant_id, exchange_id);

-- Documents from nobody we know; tenant_id is the nil identifier where To named no supplier.
CREATE TABLE quarantine (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    received_at   TEXT NOT NULL,
    keep_until    TEXT NOT NULL,
    remote        TEXT NOT NULL,
    document_type TEXT NOT NULL,
    from_line     TEXT NOT NULL,
    to_line       TEXT NOT NULL,
    sender_line   TEXT NOT NULL,
    reason        TEXT NOT NULL,
    text          TEXT NOT NULL,
    text_bytes    INTEGER NOT NULL,
    exchange_id   BLOB,
    PRIMARY KEY (tenant_id, id)
) STRICT;

CREATE TABLE security_event (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    at            TEXT NOT NULL,
    kind          TEXT NOT NULL,
    connection_id BLOB,
    remote        TEXT NOT NULL,
    text          TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;

-- 4. Session: PunchOut visits, each with one cart ---------------------------------------------------------------------

CREATE TABLE session (
    tenant_id         BLOB NOT NULL,
    id                BLOB NOT NULL,
    connection_id     BLOB NOT NULL,
    exchange_id       BLOB,
    account_code      TEXT NOT NULL,
    operation         TEXT NOT NULL,
    state             TEXT NOT NULL,
    buyer_cookie      TEXT NOT NULL,
    return_url        TEXT,
    language          TEXT,
    chosen_language   TEXT,
    "user"            TEXT NOT NULL,
    ship_to           TEXT,
    selected_item     TEXT,
    header            TEXT NOT NULL,
    start_hash        BLOB,
    start_until       TEXT NOT NULL,
    handle_hash       BLOB,
    shop_until        TEXT,
    return_payload_id TEXT,
    return_document   TEXT,
    created_at        TEXT NOT NULL,
    opened_at         TEXT,
    closed_at         TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, start_hash),
    UNIQUE (tenant_id, handle_hash),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id),
    FOREIGN KEY (tenant_id, exchange_id) REFERENCES exchange (tenant_id, id)
) STRICT;
CREATE INDEX session_cookie ON session (tenant_id, connection_id, buyer_cookie);
CREATE INDEX session_exchange ON session (tenant_id, exchange_id);
CREATE INDEX session_live ON session (tenant_id, start_until) WHERE state IN ('issued', 'open');

-- A line's identifier goes with it from visit to visit, so it is unique within a visit only.
CREATE TABLE cart_line (
    tenant_id      BLOB NOT NULL,
    session_id     BLOB NOT NULL,
    id             BLOB NOT NULL,
    line_number    INTEGER NOT NULL,
    sku            TEXT NOT NULL,
    quantity       TEXT NOT NULL,
    unit           TEXT NOT NULL,
    unit_price     TEXT,
    price_quantity TEXT NOT NULL,
    currency       TEXT NOT NULL,
    band           TEXT, -- in_stock|partial|lead_time|on_request, as shown when the line was added
    ships_on       TEXT,
    trace          TEXT,
    item_out       TEXT,
    added_at       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, session_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id)
) STRICT;

-- 5. Quote: what was offered when a cart went back --------------------------------------------------------------------

CREATE TABLE quote (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    session_id    BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    account_code  TEXT NOT NULL,
    currency      TEXT NOT NULL,
    total         TEXT NOT NULL,
    valid_until   TEXT NOT NULL,
    created_at    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    -- A visit's cart goes back once.
    UNIQUE (tenant_id, session_id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id)
) STRICT;

CREATE TABLE quote_line (
    tenant_id      BLOB NOT NULL,
    quote_id       BLOB NOT NULL,
    line_id        BLOB NOT NULL,
    line_number    INTEGER NOT NULL,
    sku            TEXT NOT NULL,
    description    TEXT NOT NULL,
    quantity       TEXT NOT NULL,
    unit           TEXT NOT NULL,
    unit_sent      TEXT NOT NULL,
    unit_price     TEXT NOT NULL,
    price_quantity TEXT NOT NULL,
    amount         TEXT NOT NULL,
    classification TEXT,
    trace          TEXT,
    PRIMARY KEY (tenant_id, quote_id, line_id),
    FOREIGN KEY (tenant_id, quote_id) REFERENCES quote (tenant_id, id)
) STRICT;
CREATE INDEX quote_line_line ON quote_line (tenant_id, line_id);

-- 6. Order ------------------------------------------------------------------------------------------------------------

CREATE TABLE purchase_order (
    tenant_id       BLOB NOT NULL,
    id              BLOB NOT NULL,
    connection_id   BLOB NOT NULL,
    from_key        TEXT NOT NULL,
    order_id        TEXT NOT NULL,
    account_code    TEXT NOT NULL,
    mode            TEXT NOT NULL,
    state           TEXT NOT NULL,
    current_version INTEGER NOT NULL,
    awaits_new      INTEGER NOT NULL,
    total           TEXT,
    currency        TEXT NOT NULL,
    line_count      INTEGER NOT NULL,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    -- One order number, one order.
    UNIQUE (tenant_id, connection_id, from_key, order_id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id)
) STRICT;
CREATE INDEX purchase_order_state ON purchase_order (tenant_id, state, id);
CREATE INDEX purchase_order_number ON purchase_order (tenant_id, order_id, id);
CREATE INDEX purchase_order_connection ON purchase_order (tenant_id, connection_id, id);

-- What the ERP has of an order: its own number, and the version that it confirmed.
CREATE TABLE erp_order (
    tenant_id BLOB NOT NULL,
    order_key BLOB NOT NULL,
    number    TEXT NOT NULL,
    seq       INTEGER NOT NULL,
    at        TEXT NOT NULL,
    PRIMARY KEY (tenant_id, order_key),
    FOREIGN KEY (tenant_id, order_key) REFERENCES purchase_order (tenant_id, id)
) STRICT;

CREATE TABLE order_version (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    order_key     BLOB NOT NULL,
    seq           INTEGER NOT NULL,
    exchange_id   BLOB NOT NULL,
    payload_id    TEXT NOT NULL,
    action        TEXT NOT NULL,
    kind          TEXT NOT NULL,
    order_version INTEGER,
    fingerprint   BLOB NOT NULL,
    applied       INTEGER NOT NULL,
    header        TEXT NOT NULL,
    received_at   TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, order_key, seq),
    -- One document, one version.
    UNIQUE (tenant_id, exchange_id),
    FOREIGN KEY (tenant_id, order_key) REFERENCES purchase_order (tenant_id, id),
    FOREIGN KEY (tenant_id, exchange_id) REFERENCES exchange (tenant_id, id)
) STRICT;

CREATE TABLE order_line (
    tenant_id               BLOB NOT NULL,
    version_id              BLOB NOT NULL,
    position                INTEGER NOT NULL,
    line_number             INTEGER NOT NULL,
    parent_line_number      INTEGER,
    supplier_part_id        TEXT NOT NULL,
    auxiliary_id            TEXT,
    buyer_part_id           TEXT,
    sku                     TEXT,
    description             TEXT NOT NULL,
    classification          TEXT,
    quantity                TEXT NOT NULL,
    unit                    TEXT NOT NULL,
    unit_own                TEXT,
    unit_price              TEXT,
    price_quantity          TEXT NOT NULL,
    currency                TEXT NOT NULL,
    amount                  TEXT,
    requested_delivery_date TEXT,
    expected_price          TEXT,
    expected_price_quantity TEXT,
    expected_source         TEXT,
    trace                   TEXT,
    quote_line_id           BLOB,
    change                  TEXT NOT NULL,
    is_return               INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, version_id, position),
    FOREIGN KEY (tenant_id, version_id) REFERENCES order_version (tenant_id, id)
) STRICT;

CREATE TABLE order_exception (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    order_key   BLOB NOT NULL,
    version_id  BLOB NOT NULL,
    line_number INTEGER,
    rule        TEXT NOT NULL,
    text        TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    resolved_at TEXT,
    resolved_by BLOB,
    resolution  TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, order_key) REFERENCES purchase_order (tenant_id, id),
    FOREIGN KEY (tenant_id, version_id) REFERENCES order_version (tenant_id, id)
) STRICT;
CREATE INDEX order_exception_order ON order_exception (tenant_id, order_key, id);
CREATE INDEX order_exception_open ON order_exception (tenant_id, id) WHERE resolved_at IS NULL;

-- What the connection's safeguards found in a version of an order, and what was done.
CREATE TABLE order_safeguard (
    tenant_id   BLOB NOT NULL,
    version_id  BLOB NOT NULL,
    position    INTEGER NOT NULL,
    line_number INTEGER,
    rule        TEXT NOT NULL,
    action      TEXT NOT NULL,
    limit_value TEXT,
    text        TEXT NOT NULL,
    corrections TEXT NOT NULL,
    PRIMARY KEY (tenant_id, version_id, position),
    FOREIGN KEY (tenant_id, version_id) REFERENCES order_version (tenant_id, id)
) STRICT;

-- 7. Delivery: finished outbound jobs ---------------------------------------------------------------------------------

-- While it is being sent, due_at is the end of the lease, and attempts tells one lease from the next.
CREATE TABLE delivery (
    tenant_id       BLOB NOT NULL REFERENCES tenant (id),
    id              BLOB NOT NULL,
    target          TEXT NOT NULL,
    kind            TEXT NOT NULL,
    subject_id      BLOB NOT NULL,
    idempotency_key TEXT NOT NULL,
    body            TEXT NOT NULL,
    state           TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    due_at          TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, target, kind, idempotency_key)
) STRICT;
CREATE INDEX delivery_due ON delivery (due_at) WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_subject ON delivery (tenant_id, subject_id, id);
CREATE INDEX delivery_state ON delivery (tenant_id, state, id);

CREATE TABLE attempt (
    tenant_id   BLOB NOT NULL,
    delivery_id BLOB NOT NULL,
    number      INTEGER NOT NULL,
    started_at  TEXT NOT NULL,
    duration_ms INTEGER,
    status      INTEGER,
    answer      TEXT,
    error       TEXT,
    PRIMARY KEY (tenant_id, delivery_id, number),
    FOREIGN KEY (tenant_id, delivery_id) REFERENCES delivery (tenant_id, id)
) STRICT;

-- 8. Change feed ------------------------------------------------------------------------------------------------------

-- The last number given; its row is locked from then to the commit, so numbers are in the order of commits.
CREATE TABLE feed_head (
    tenant_id   BLOB NOT NULL PRIMARY KEY REFERENCES tenant (id),
    seq         INTEGER NOT NULL
) STRICT;

CREATE TABLE change_feed (
    tenant_id   BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    entity      TEXT NOT NULL,
    entity_id   BLOB NOT NULL,
    op          TEXT NOT NULL,
    cause       TEXT NOT NULL,
    at          TEXT NOT NULL,
    PRIMARY KEY (tenant_id, seq)
) STRICT, WITHOUT ROWID;

-- What somebody said has changed elsewhere, once for each row of a source, until it is fetched; without a client_id the ERP
-- itself said so, or a person here.
CREATE TABLE hint (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    source      TEXT NOT NULL,
    entity      TEXT NOT NULL,
    ext_id      TEXT NOT NULL,
    client_id   BLOB,
    received_at TEXT NOT NULL,
    tries       INTEGER NOT NULL,
    due_at      TEXT NOT NULL,
    error       TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source, entity, ext_id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES api_client (tenant_id, id)
) STRICT;

-- 9. Catalogue --------------------------------------------------------------------------------------------------------
-- Rows from elsewhere carry their source, the source's key (ext_id), a hash of their content, and a tombstone
-- (deleted_at). References between rows of the same table have no foreign key, so that a file may bring them in any
-- order; the import checks them.

CREATE TABLE currency (
    code         TEXT NOT NULL PRIMARY KEY,
    minor_digits INTEGER NOT NULL
) STRICT;

-- Where catalogue rows come from: an ERP, or files (kind 'file'). revision counts the sets of rows it brought: who wants
-- to bring the next one compares and raises it.
CREATE TABLE source (
    tenant_id   BLOB NOT NULL REFERENCES tenant (id),
    id          BLOB NOT NULL,
    code        TEXT NOT NULL,
    kind        TEXT NOT NULL,
    status      TEXT NOT NULL,
    revision    INTEGER NOT NULL,
    created_at  TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code)
) STRICT;

-- Rows of a large file on their way: pieces that are applied one by one, in order. The source's status says whether they
-- count ('applying': the file is taken, and whoever finds them applies them) or are what an import left that ended early.
CREATE TABLE import_step (
    tenant_id BLOB NOT NULL,
    source_id BLOB NOT NULL,
    ordinal   INTEGER NOT NULL,
    work      TEXT NOT NULL, -- put|clear|bury|remove|feed
    target    TEXT NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, source_id, ordinal),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;

-- What a source brought last under each of its own keys: a later version replaces it, an earlier one that comes late is
-- known to be late, and a deletion knows what to delete. row: the row as it was brought.
CREATE TABLE source_row (
    tenant_id  BLOB NOT NULL,
    source_id  BLOB NOT NULL,
    entity     TEXT NOT NULL,
    ext_id     TEXT NOT NULL,
    version    INTEGER NOT NULL,
    mapping    TEXT,
    content    TEXT NOT NULL,
    is_deleted INTEGER NOT NULL,
    brought_at TEXT NOT NULL,
    PRIMARY KEY (tenant_id, source_id, entity, ext_id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;

-- Rows of a source that could not be taken, with what is wrong, until a later version or a new attempt is.
CREATE TABLE source_reject (
    tenant_id  BLOB NOT NULL,
    id         BLOB NOT NULL,
    source_id  BLOB NOT NULL,
    entity     TEXT NOT NULL,
    ext_id     TEXT NOT NULL,
    version    INTEGER NOT NULL,
    mapping    TEXT,
    content    TEXT,
    faults     TEXT NOT NULL,
    tries      INTEGER NOT NULL,
    first_at   TEXT NOT NULL,
    last_at    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source_id, entity, ext_id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;

CREATE TABLE uom (
    tenant_id   BLOB NOT NULL REFERENCES tenant (id),
    id          BLOB NOT NULL,
    code        TEXT NOT NULL,
    name        TEXT NOT NULL,
    unece_code  TEXT,
    ansi_code   TEXT,
    dimension   TEXT NOT NULL,
    factor      TEXT NOT NULL,
    decimals    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code)
) STRICT;

CREATE TABLE category (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    source_id    BLOB NOT NULL,
    ext_id       TEXT NOT NULL,
    parent_id    BLOB,
    code         TEXT NOT NULL,
    name         TEXT NOT NULL,
    row_hash     TEXT NOT NULL,
    src_modified TEXT,
    synced_at    TEXT NOT NULL,
    deleted_at   TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source_id, ext_id),
    UNIQUE (tenant_id, source_id, code),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;

-- list_price is for price_qty of the price unit; null is "on request".
CREATE TABLE product (
    tenant_id         BLOB NOT NULL,
    id                BLOB NOT NULL,
    source_id         BLOB NOT NULL,
    ext_id            TEXT NOT NULL,
    sku               TEXT NOT NULL,
    name              TEXT NOT NULL,
    description       TEXT,
    kind              TEXT NOT NULL, -- goods|service|kit|configurable
    base_uom_id       BLOB NOT NULL,
    sale_uom_id       BLOB,
    price_uom_id      BLOB,
    price_qty         TEXT NOT NULL,
    manufacturer      TEXT,
    mpn               TEXT,
    gtin              TEXT,
    unspsc            TEXT,
    tax_class         TEXT,
    price_group       TEXT,
    discount_group    TEXT,
    list_price        TEXT,
    list_currency     TEXT,
    standard_cost     TEXT,
    min_order_qty     TEXT,
    order_multiple    TEXT,
    lead_time_days    INTEGER,
    hazmat            INTEGER,
    country_of_origin TEXT,
    image             TEXT, -- key of its picture
    status            TEXT NOT NULL, -- active|discontinued|blocked|not_for_sale
    row_hash          TEXT NOT NULL,
    src_modified      TEXT,
    synced_at         TEXT NOT NULL,
    deleted_at        TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source_id, ext_id),
    UNIQUE (tenant_id, source_id, sku),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id),
    FOREIGN KEY (tenant_id, base_uom_id) REFERENCES uom (tenant_id, id),
    FOREIGN KEY (tenant_id, sale_uom_id) REFERENCES uom (tenant_id, id),
    FOREIGN KEY (tenant_id, price_uom_id) REFERENCES uom (tenant_id, id)
) STRICT;
CREATE INDEX product_sku ON product (tenant_id, sku);

-- One of the unit is factor_num / factor_den of the base unit.
CREATE TABLE product_uom (
    tenant_id       BLOB NOT NULL,
    product_id      BLOB NOT NULL,
    uom_id          BLOB NOT NULL,
    factor_num      TEXT NOT NULL,
    factor_den      TEXT NOT NULL,
    sellable        INTEGER NOT NULL,
    gtin            TEXT,
    is_default_sale INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, product_id, uom_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, uom_id) REFERENCES uom (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE product_category (
    tenant_id   BLOB NOT NULL,
    product_id  BLOB NOT NULL,
    category_id BLOB NOT NULL,
    is_primary  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, product_id, category_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, category_id) REFERENCES category (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX product_category_category ON product_category (tenant_id, category_id, product_id);

CREATE TABLE account (
    tenant_id            BLOB NOT NULL,
    id                   BLOB NOT NULL,
    source_id            BLOB NOT NULL,
    ext_id               TEXT NOT NULL,
    code                 TEXT NOT NULL,
    name                 TEXT NOT NULL,
    parent_id            BLOB,
    role                 TEXT NOT NULL, -- corporate|bill_to|sold_to|ship_to|site
    bill_to_id           BLOB,
    price_inherit        TEXT NOT NULL, -- none|parent|bill_to: explicit, never guessed
    currency             TEXT NOT NULL,
    payment_terms        TEXT,
    tax_class            TEXT,
    price_policy         TEXT, -- code of a price_policy, or of one that comes with the program
    order_minimum        TEXT,
    default_warehouse_id BLOB,
    price_list_id        BLOB,
    status               TEXT NOT NULL, -- active|on_hold|blocked
    order_block          TEXT,
    row_hash             TEXT NOT NULL,
    src_modified         TEXT,
    synced_at            TEXT NOT NULL,
    deleted_at           TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source_id, ext_id),
    UNIQUE (tenant_id, source_id, code),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;
CREATE INDEX account_code ON account (tenant_id, code);

-- Accounts that share price lists.
CREATE TABLE account_group (
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    id        BLOB NOT NULL,
    code      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code)
) STRICT;

CREATE TABLE account_group_member (
    tenant_id  BLOB NOT NULL,
    account_id BLOB NOT NULL,
    group_id   BLOB NOT NULL,
    PRIMARY KEY (tenant_id, account_id, group_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES account_group (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- How prices are decided: switches over a policy that comes with the program (based_on), or over ours.
CREATE TABLE price_policy (
    tenant_id BLOB NOT NULL,
    id        BLOB NOT NULL,
    code      TEXT NOT NULL,
    source_id BLOB, -- whose accounts and lists it is for, where they name no other
    based_on  TEXT,
    switches  TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;

-- version names the set of entries in force: a file brings a new set beside it, then the version moves.
CREATE TABLE price_list (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    source_id    BLOB NOT NULL,
    ext_id       TEXT NOT NULL,
    code         TEXT NOT NULL,
    kind         TEXT NOT NULL, -- list|customer|group|contract|promo|cost_plus
    currency     TEXT NOT NULL,
    parent_id    BLOB,
    base         TEXT NOT NULL,
    qty_basis    TEXT, -- base|sale|order; NULL: as the policy says
    select_mode  TEXT, -- best|first|sorted|lowest|highest|newest|oldest; NULL: as the policy says
    on_no_match  TEXT, -- next_level|no_price; NULL: as the policy says
    validity     TEXT, -- days|instants; NULL: as the policy of the source says
    tax_included INTEGER NOT NULL,
    find_next    INTEGER NOT NULL,
    valid_from   TEXT,
    valid_to     TEXT,
    priority     INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    row_hash     TEXT NOT NULL,
    src_modified TEXT,
    synced_at    TEXT NOT NULL,
    deleted_at   TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source_id, ext_id),
    UNIQUE (tenant_id, source_id, code),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;

-- target_id is the nil identifier where target_kind is 'all'.
CREATE TABLE price_list_assignment (
    tenant_id     BLOB NOT NULL,
    price_list_id BLOB NOT NULL,
    target_kind   TEXT NOT NULL, -- account|account_group|address|all
    target_id     BLOB NOT NULL,
    priority      INTEGER NOT NULL,
    valid_from    TEXT,
    valid_to      TEXT,
    PRIMARY KEY (tenant_id, price_list_id, target_kind, target_id),
    FOREIGN KEY (tenant_id, price_list_id) REFERENCES price_list (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX price_list_assignment_target ON price_list_assignment (tenant_id, target_kind, target_id);

-- The lean entries of lists, millions of them: those of some hundred products in one block, packed (see
-- src/store/price_block.rs), in the order of the products' identifiers.
CREATE TABLE price_block (
    tenant_id        BLOB NOT NULL,
    price_list_id    BLOB NOT NULL,
    version          INTEGER NOT NULL,
    first_product_id BLOB NOT NULL,
    entries          INTEGER NOT NULL,
    body             BLOB NOT NULL,
    PRIMARY KEY (tenant_id, price_list_id, version, first_product_id),
    FOREIGN KEY (tenant_id, price_list_id) REFERENCES price_list (tenant_id, id)
) STRICT;

CREATE TABLE warehouse (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    source_id   BLOB NOT NULL,
    ext_id      TEXT NOT NULL,
    code        TEXT NOT NULL,
    name        TEXT NOT NULL,
    region      TEXT,
    country     TEXT,
    timezone    TEXT,
    cutoff_time TEXT,
    calendar    TEXT, -- 1-5|2026-12-25: working days of the week, then closed days
    status      TEXT NOT NULL,
    row_hash    TEXT NOT NULL,
    synced_at   TEXT NOT NULL,
    deleted_at  TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source_id, ext_id),
    UNIQUE (tenant_id, source_id, code),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;

CREATE TABLE stock_level (
    tenant_id      BLOB NOT NULL,
    product_id     BLOB NOT NULL,
    warehouse_id   BLOB NOT NULL,
    on_hand        TEXT NOT NULL,
    allocated      TEXT NOT NULL,
    backordered    TEXT NOT NULL,
    safety         TEXT NOT NULL,
    available      TEXT NOT NULL,
    available_rule TEXT NOT NULL,
    as_of          TEXT NOT NULL,
    row_hash       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, product_id, warehouse_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouse (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- 10. Terms beside lists and stock ------------------------------------------------------------------------------------
-- Each row has an identifier of its own beside the key by which files name it: a row that changes stays the same row.

-- kind: substitute|supersedes|accessory|spare.
CREATE TABLE product_relation (
    tenant_id  BLOB NOT NULL,
    id         BLOB NOT NULL,
    product_id BLOB NOT NULL,
    related_id BLOB NOT NULL,
    kind       TEXT NOT NULL,
    qty_ratio  TEXT NOT NULL,
    priority   INTEGER NOT NULL,
    two_way    INTEGER NOT NULL,
    valid_from TEXT,
    valid_to   TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, product_id, related_id, kind),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, related_id) REFERENCES product (tenant_id, id)
) STRICT;

CREATE TABLE kit_component (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    kit_id       BLOB NOT NULL,
    component_id BLOB NOT NULL,
    qty          TEXT NOT NULL,
    uom_id       BLOB NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, kit_id, component_id),
    FOREIGN KEY (tenant_id, kit_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, component_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, uom_id) REFERENCES uom (tenant_id, id)
) STRICT;

-- role: ship_to|bill_to|both. buyer_address_id is cXML addressID or the OCI ship-to code.
CREATE TABLE account_address (
    tenant_id        BLOB NOT NULL,
    id               BLOB NOT NULL,
    account_id       BLOB NOT NULL,
    code             TEXT NOT NULL,
    role             TEXT NOT NULL,
    buyer_address_id TEXT,
    name             TEXT,
    street           TEXT,
    city             TEXT,
    region           TEXT,
    postal_code      TEXT,
    country          TEXT,
    tax_jurisdiction TEXT,
    active           INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, account_id, code),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id)
) STRICT;

CREATE TABLE account_sku (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    account_id   BLOB NOT NULL,
    customer_sku TEXT NOT NULL,
    product_id   BLOB NOT NULL,
    uom_id       BLOB,
    name         TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, account_id, customer_sku),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, uom_id) REFERENCES uom (tenant_id, id)
) STRICT;

-- rule: allow|deny; target_kind: product|category.
CREATE TABLE account_assortment (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    account_id  BLOB NOT NULL,
    rule        TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id   BLOB NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, account_id, target_kind, target_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id)
) STRICT;

-- Net of tax, in the currency of the account.
CREATE TABLE account_credit (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    account_id    BLOB NOT NULL,
    credit_limit  TEXT NOT NULL,
    open_invoices TEXT NOT NULL,
    open_orders   TEXT NOT NULL,
    as_of         TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, account_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id)
) STRICT;

-- scope_kind: product|price_group|category|all; calc: fixed|multiply|subtract|markup|margin; base: list_price|cost|parent.
CREATE TABLE price_rule (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    price_list_id BLOB NOT NULL,
    position      INTEGER NOT NULL,
    scope_kind    TEXT NOT NULL,
    product_id    BLOB,
    category_id   BLOB,
    price_group   TEXT,
    uom_id        BLOB,
    warehouse_id  BLOB,
    min_qty       TEXT NOT NULL,
    valid_from    TEXT,
    valid_to      TEXT,
    calc          TEXT NOT NULL,
    base          TEXT NOT NULL,
    value         TEXT,
    price_qty     TEXT NOT NULL,
    floor_base    TEXT,
    floor_value   TEXT,
    cap_value     TEXT,
    surcharge     TEXT,
    round_to      TEXT,
    second_from   INTEGER, -- of the first day
    second_to     INTEGER, -- of the last day
    find_next     INTEGER NOT NULL,
    formula       TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, price_list_id, position),
    FOREIGN KEY (tenant_id, price_list_id) REFERENCES price_list (tenant_id, id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, category_id) REFERENCES category (tenant_id, id),
    FOREIGN KEY (tenant_id, uom_id) REFERENCES uom (tenant_id, id),
    FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouse (tenant_id, id)
) STRICT;

-- kind: blanket|job_contract|quote; applies: always|named; enforce_qty: none|warn|block.
CREATE TABLE agreement (
    tenant_id       BLOB NOT NULL,
    id              BLOB NOT NULL,
    number          TEXT NOT NULL,
    account_id      BLOB NOT NULL,
    kind            TEXT NOT NULL,
    buyer_reference TEXT,
    valid_from      TEXT,
    valid_to        TEXT,
    applies         TEXT NOT NULL,
    enforce_qty     TEXT NOT NULL,
    all_ship_tos    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, number),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id)
) STRICT;

CREATE TABLE agreement_ship_to (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    agreement_id BLOB NOT NULL,
    address_id   BLOB NOT NULL,
    valid_from   TEXT,
    valid_to     TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, agreement_id, address_id),
    FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreement (tenant_id, id),
    FOREIGN KEY (tenant_id, address_id) REFERENCES account_address (tenant_id, id)
) STRICT;

CREATE TABLE agreement_line (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    agreement_id  BLOB NOT NULL,
    line_number   INTEGER NOT NULL,
    product_id    BLOB,
    category_id   BLOB,
    uom_id        BLOB,
    unit_price    TEXT,
    price_qty     TEXT NOT NULL,
    qty_committed TEXT,
    qty_released  TEXT NOT NULL,
    qty_max       TEXT,
    valid_from    TEXT,
    valid_to      TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, agreement_id, line_number),
    FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreement (tenant_id, id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, category_id) REFERENCES category (tenant_id, id),
    FOREIGN KEY (tenant_id, uom_id) REFERENCES uom (tenant_id, id)
) STRICT;

-- How many of the currency are one of the supplier's own.
CREATE TABLE fx_rate (
    tenant_id  BLOB NOT NULL REFERENCES tenant (id),
    id         BLOB NOT NULL,
    currency   TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    rate       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, currency, valid_from)
) STRICT;

CREATE TABLE tax_rule (
    tenant_id     BLOB NOT NULL REFERENCES tenant (id),
    id            BLOB NOT NULL,
    code          TEXT NOT NULL,
    account_class TEXT,
    product_class TEXT,
    country       TEXT,
    region        TEXT,
    postal_from   TEXT,
    postal_to     TEXT,
    valid_from    TEXT,
    valid_to      TEXT,
    rate          TEXT NOT NULL,
    priority      INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code)
) STRICT;

-- scope: [["product", id], ["category", id], ["price_group", code], ["all", ""]]; stacking: never_on_contract|replace_if_lower.
CREATE TABLE promotion (
    tenant_id        BLOB NOT NULL,
    id               BLOB NOT NULL,
    code             TEXT NOT NULL,
    name             TEXT NOT NULL,
    scope            TEXT NOT NULL,
    account_groups   TEXT NOT NULL,
    valid_from       TEXT,
    valid_to         TEXT,
    threshold_qty    TEXT NOT NULL,
    threshold_uom_id BLOB,
    calc             TEXT NOT NULL,
    value            TEXT NOT NULL,
    stacking         TEXT NOT NULL,
    priority         INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code),
    FOREIGN KEY (tenant_id, threshold_uom_id) REFERENCES uom (tenant_id, id)
) STRICT;

-- kind: purchase|production|transfer|demand.
CREATE TABLE supply_event (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    product_id   BLOB NOT NULL,
    warehouse_id BLOB NOT NULL,
    ext_ref      TEXT NOT NULL,
    kind         TEXT NOT NULL,
    qty          TEXT NOT NULL,
    due          TEXT NOT NULL,
    firm         INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, product_id, warehouse_id, ext_ref),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouse (tenant_id, id)
) STRICT;

CREATE TABLE sourcing_rule (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    code         TEXT NOT NULL,
    account_id   BLOB,
    region       TEXT,
    product_id   BLOB,
    warehouse_id BLOB NOT NULL,
    priority     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code),
    FOREIGN KEY (tenant_id, account_id) REFERENCES account (tenant_id, id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouse (tenant_id, id)
) STRICT;

-- Held from the acceptance of an order until the ERP shows it.
CREATE TABLE stock_reservation (
    tenant_id            BLOB NOT NULL,
    id                   BLOB NOT NULL,
    product_id           BLOB NOT NULL,
    warehouse_id         BLOB NOT NULL,
    qty                  TEXT NOT NULL,
    owner_kind           TEXT NOT NULL,
    owner_id             BLOB NOT NULL,
    state                TEXT NOT NULL,
    expires_at           TEXT,
    created_at           TEXT NOT NULL,
    superseded_by_erp_at TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, warehouse_id) REFERENCES warehouse (tenant_id, id)
) STRICT;
CREATE INDEX stock_reservation_owner ON stock_reservation (tenant_id, owner_kind, owner_id);
CREATE INDEX stock_reservation_held ON stock_reservation (tenant_id) WHERE state = 'held';

-- 11. What the shop shows of products ---------------------------------------------------------------------------------

-- language: ISO 639-1 (de). keywords: words that a search finds the product by, shown nowhere.
CREATE TABLE product_text (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    product_id  BLOB NOT NULL,
    language    TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT,
    keywords    TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, product_id, language),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
) STRICT;

CREATE TABLE category_text (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    category_id BLOB NOT NULL,
    language    TEXT NOT NULL,
    name        TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, category_id, language),
    FOREIGN KEY (tenant_id, category_id) REFERENCES category (tenant_id, id)
) STRICT;

-- kind: text|number|yes_no; a number may be in a unit.
CREATE TABLE attribute (
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    id        BLOB NOT NULL,
    code      TEXT NOT NULL,
    name      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    unit      TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code)
) STRICT;

-- What an attribute, or one of its values, is called in a language; value is empty where it is the attribute itself.
CREATE TABLE attribute_text (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    attribute_id BLOB NOT NULL,
    value        TEXT NOT NULL,
    language     TEXT NOT NULL,
    name         TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, attribute_id, value, language),
    FOREIGN KEY (tenant_id, attribute_id) REFERENCES attribute (tenant_id, id) ON DELETE CASCADE
) STRICT;

-- By which attributes the products of a category, and of those below it, are narrowed down.
CREATE TABLE category_facet (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    category_id  BLOB NOT NULL,
    attribute_id BLOB NOT NULL,
    position     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, category_id, attribute_id),
    FOREIGN KEY (tenant_id, category_id) REFERENCES category (tenant_id, id),
    FOREIGN KEY (tenant_id, attribute_id) REFERENCES attribute (tenant_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX category_facet_attribute ON category_facet (tenant_id, attribute_id);

-- One of the three values is there, as the attribute's kind says.
CREATE TABLE product_attribute (
    tenant_id    BLOB NOT NULL,
    id           BLOB NOT NULL,
    product_id   BLOB NOT NULL,
    attribute_id BLOB NOT NULL,
    text_value   TEXT,
    number_value TEXT,
    yes_value    INTEGER,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, product_id, attribute_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, attribute_id) REFERENCES attribute (tenant_id, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX product_attribute_attribute ON product_attribute (tenant_id, attribute_id);

-- Pictures and documents, found by the hash of their bytes (hexadecimal SHA-256).
CREATE TABLE media_file (
    tenant_id  BLOB NOT NULL REFERENCES tenant (id),
    id         BLOB NOT NULL,
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL, -- png|jpeg|gif|webp|svg|pdf
    sha256     TEXT NOT NULL,
    size       INTEGER NOT NULL,
    bytes      BLOB NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
) STRICT;
CREATE INDEX media_file_sha256 ON media_file (tenant_id, sha256);

CREATE TABLE product_media (
    tenant_id  BLOB NOT NULL,
    id         BLOB NOT NULL,
    product_id BLOB NOT NULL,
    file_id    BLOB NOT NULL,
    title      TEXT,
    language   TEXT,
    position   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, product_id, file_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
    FOREIGN KEY (tenant_id, file_id) REFERENCES media_file (tenant_id, id)
) STRICT;

-- words: ["torch", "flashlight", "hand lamp"]; two_way: each finds the others, else the first finds them.
CREATE TABLE synonym (
    tenant_id BLOB NOT NULL REFERENCES tenant (id),
    id        BLOB NOT NULL,
    code      TEXT NOT NULL,
    words     TEXT NOT NULL,
    two_way   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code)
) STRICT;

-- 12. What buyers' users keep -------------------------------------------------------------------------------------------

-- A list without a name is the user's favourites.
CREATE TABLE shopping_list (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    connection_id BLOB NOT NULL,
    user_key      TEXT NOT NULL,
    name          TEXT,
    created_at    TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id)
) STRICT;
CREATE INDEX shopping_list_user ON shopping_list (tenant_id, connection_id, user_key);

CREATE TABLE shopping_list_line (
    tenant_id BLOB NOT NULL,
    list_id   BLOB NOT NULL,
    sku       TEXT NOT NULL,
    unit      TEXT NOT NULL,
    quantity  TEXT NOT NULL,
    added_at  TEXT NOT NULL,
    PRIMARY KEY (tenant_id, list_id, sku, unit),
    FOREIGN KEY (tenant_id, list_id) REFERENCES shopping_list (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- The last return of each product and unit, at its terms; band: in_stock|partial|lead_time|on_request.
CREATE TABLE bought (
    tenant_id      BLOB NOT NULL,
    connection_id  BLOB NOT NULL,
    user_key       TEXT NOT NULL,
    sku            TEXT NOT NULL,
    unit           TEXT NOT NULL,
    quantity       TEXT NOT NULL,
    unit_price     TEXT NOT NULL,
    price_quantity TEXT NOT NULL,
    currency       TEXT NOT NULL,
    band           TEXT NOT NULL,
    ships_on       TEXT,
    bought_at      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, user_key, sku, unit),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connection (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bought_user ON bought (tenant_id, connection_id, user_key, bought_at);

-- 13. The ERP ------------------------------------------------------------------------------------------------------------

-- How far an entity of a mapping came. cursor_at: the last moment of change that was seen; mapping: the version by which
-- its rows were made; error: why the last run did not come to its end.
CREATE TABLE sync_cursor (
    tenant_id     BLOB NOT NULL,
    source_id     BLOB NOT NULL,
    entity        TEXT NOT NULL,
    mapping       TEXT NOT NULL,
    cursor_at     TEXT,
    full_at       TEXT,
    reconciled_at TEXT,
    ok_at         TEXT,
    error         TEXT,
    PRIMARY KEY (tenant_id, source_id, entity),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- mode: full|changed|keys; outcome: done|retry|ask.
CREATE TABLE sync_run (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    source_id   BLOB NOT NULL,
    entity      TEXT NOT NULL,
    mode        TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    seen        INTEGER NOT NULL,
    added       INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    deleted     INTEGER NOT NULL,
    rejected    INTEGER NOT NULL,
    cursor_from TEXT,
    cursor_to   TEXT,
    outcome     TEXT NOT NULL,
    error       TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;
CREATE INDEX sync_run_entity ON sync_run (tenant_id, source_id, entity, id);

-- What lags behind or is refused too often, from when it crossed its limit until it is back. kind: age|rejects.
CREATE TABLE sync_alert (
    tenant_id   BLOB NOT NULL,
    source_id   BLOB NOT NULL,
    entity      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    value       INTEGER NOT NULL,
    limit_value INTEGER NOT NULL,
    since       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, source_id, entity, kind),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;

-- How a comparison of the store with an ERP went. cause: person|night|command; parts: rows and hashes by partition;
-- prices: the sample of prices that was asked for.
CREATE TABLE reconciliation (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    source_id   BLOB NOT NULL,
    cause       TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    parts       TEXT NOT NULL,
    prices      TEXT NOT NULL,
    differences INTEGER NOT NULL,
    error       TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;
CREATE INDEX reconciliation_source ON reconciliation (tenant_id, source_id, id);

-- What the last comparison found, row by row, until it is so no more; one that was accepted stays accepted as long as
-- neither side changes (fingerprint). kind: here|there|differs|price|order; refs: the store's rows, where the ERP has none.
CREATE TABLE drift (
    tenant_id     BLOB NOT NULL,
    id            BLOB NOT NULL,
    source_id     BLOB NOT NULL,
    entity        TEXT NOT NULL,
    key           TEXT NOT NULL,
    ext_id        TEXT,
    kind          TEXT NOT NULL,
    fields        TEXT NOT NULL,
    refs          TEXT NOT NULL,
    fingerprint   TEXT NOT NULL,
    found_at      TEXT NOT NULL,
    accepted_at   TEXT,
    accepted_by   BLOB,
    reason        TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source_id, entity, key, kind),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;

-- Where each source of an ERP stands. mode, hand: normal|degraded|offline; cause: answers|breaker|age|staff;
-- breaker: closed|open|half_open.
CREATE TABLE erp_standing (
    tenant_id   BLOB NOT NULL,
    source_id   BLOB NOT NULL,
    mode        TEXT NOT NULL,
    cause       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    since       TEXT NOT NULL,
    hand        TEXT,
    hand_reason TEXT,
    hand_by     BLOB,
    hand_at     TEXT,
    breaker     TEXT NOT NULL,
    failures    INTEGER NOT NULL,
    retry_at    TEXT,
    error       TEXT,
    queue_since TEXT,
    rules       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, source_id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Every change of a mode.
CREATE TABLE erp_switch (
    tenant_id BLOB NOT NULL,
    id        BLOB NOT NULL,
    source_id BLOB NOT NULL,
    before    TEXT NOT NULL,
    after     TEXT NOT NULL,
    cause     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    by        BLOB,
    at        TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;
CREATE INDEX erp_switch_source ON erp_switch (tenant_id, source_id, id);

-- What waited while an ERP was away, and what became of it. outcome:
-- queued|sent|found|held|parked|waiting|overtaken.
CREATE TABLE erp_drain (
    tenant_id   BLOB NOT NULL,
    id          BLOB NOT NULL,
    source_id   BLOB NOT NULL,
    queue_since TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES source (tenant_id, id)
) STRICT;
CREATE INDEX erp_drain_source ON erp_drain (tenant_id, source_id, id);

CREATE TABLE erp_drain_order (
    tenant_id    BLOB NOT NULL,
    drain_id     BLOB NOT NULL,
    delivery_id  BLOB NOT NULL,
    order_key    BLOB NOT NULL,
    order_id     TEXT NOT NULL,
    account_code TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    tries        INTEGER NOT NULL,
    differences  TEXT NOT NULL,
    note         TEXT,
    settled_at   TEXT,
    PRIMARY KEY (tenant_id, drain_id, delivery_id),
    FOREIGN KEY (tenant_id, drain_id) REFERENCES erp_drain (tenant_id, id),
    FOREIGN KEY (tenant_id, order_key) REFERENCES purchase_order (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX erp_drain_order_queued ON erp_drain_order (tenant_id, account_code, delivery_id) WHERE outcome = 'queued';
