-- The signed list of the newest versions of everything that an account keeps here.
create table manifests (
  account_id uuid primary key,
  version bigint not null,
  manifest text not null
);
