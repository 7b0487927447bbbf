-- Permissions to make an account. The token itself is in the link only.
create table invitations (
  id uuid primary key,
  hash bytea not null unique,
  -- Null: the operator.
  made_by uuid references accounts,
  uses integer not null check (uses > 0),
  uses_left integer not null check (uses_left between 0 and uses),
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index invitations_made_by on invitations (made_by);
create index invitations_expires_at on invitations (expires_at);
