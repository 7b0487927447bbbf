-- One telephone had several spellings; which one is kept: src/domain/phone-number.ts. Where the same
-- telephone has two accounts, the one that is spelled right keeps it, or else the older one. The other is
-- left as it is: its devices go on, and codes go to the first one.
with spelled as (
  select id, phone, created_at,
    regexp_replace(
      regexp_replace(
        regexp_replace(
          regexp_replace(phone, '^\+54(?!9)(\d{10})$', '+549\1'),
          '^\+521(\d{10})$', '+52\1'),
        '^\+55(\d{2})([6-9]\d{7})$', '+55\19\2'),
      '^\+229(\d{8})$', '+22901\1') as kept
  from accounts where phone is not null
), ranked as (
  select id, phone, kept,
    row_number() over (partition by kept order by phone = kept desc, created_at, id) as place
  from spelled
)
update accounts set phone = kept from ranked
where accounts.id = ranked.id and place = 1 and kept <> ranked.phone;
