-- A session whose account is disabled or whose token is revoked is none.
select
  session.key,
  coalesce(account.name, token.name) as name,
  coalesce(account.role, token.role) as role,
  coalesce(account.org_unit, token.org_unit) as org_unit,
  coalesce(token.screen, '') as screen,
  coalesce(account.way, '') as way,
  session.token,
  session.seen_at,
  min(session.expires_at, coalesce(token.expires_at, session.expires_at)) as expires_at
from session
left join account on account.name = session.account and not account.is_disabled
left join token on token.id = session.token and token.revoked_at is null
where session.key = :key and (account.name is not null or token.id is not null)
