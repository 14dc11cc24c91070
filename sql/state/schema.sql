-- Accounts, sessions, tokens and failed tries. Times are seconds since 1970; of secrets only their SHA-256 is here.
create table if not exists account (
  name text primary key,
  way text not null,             -- how its owner proves to be it: accounts (a password here), oidc, proxy
  role text not null,
  org_unit text not null,
  password text not null,        -- argon2id; '' = none
  is_disabled integer not null,
  created_at real not null,
  changed_at real not null       -- of the password
) strict;
create table if not exists token (
  id text primary key,
  secret text not null unique,
  name text not null,
  role text not null,
  org_unit text not null,
  screen text not null,
  created_at real not null,
  expires_at real not null,
  revoked_at real,
  used_at real
) strict;
create table if not exists session (
  key text primary key,          -- SHA-256 of the cookie
  account text not null,         -- one of both, the other ''
  token text not null,
  address text not null,
  created_at real not null,
  seen_at real not null,
  expires_at real not null
) strict;
create index if not exists session_account on session (account);
create table if not exists failure (
  about text primary key,        -- an account from an address, an account, or an address
  count integer not null,
  last_at real not null
) strict;
create table if not exists spent (
  key text primary key,          -- SHA-256 of a word that was good for one sign-in
  expires_at real not null
) strict;
