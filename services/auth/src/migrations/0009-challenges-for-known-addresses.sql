-- Whether a code goes out also when the address has no account.
alter table challenges add column may_sign_up boolean not null default true;
