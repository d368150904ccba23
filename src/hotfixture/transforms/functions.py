"""Which functions a query may call, by engine: pure ones, by name; whatever is not named here is refused.

Left out on purpose: what reads files, large objects, other servers, settings or catalogues, what sleeps, locks,
writes or runs SQL text (`query_to_xml`), what puts row values into its error message (`extractvalue`, `updatexml`,
`raise`), and what merely wastes memory (`repeat`, `randomblob`, `zeroblob`, `space`).
Sources: PostgreSQL 18 chapter 9; the function references of MariaDB and MySQL 8; SQLite's core, date, JSON, math and
window functions.
"""

from __future__ import annotations

_EVERYWHERE = """
abs acos asin atan atan2 avg ceil ceiling coalesce concat concat_ws cos count cume_dist degrees dense_rank exp
first_value floor greatest json_array json_object lag last_value lead least ln log lower ltrim max min mod nth_value
ntile nullif percent_rank pi pow power radians random rank replace round row_number rtrim sign sin sqrt substr
substring sum tan trim upper
"""

_POSTGRESQL = """
age any_value array array_agg array_append array_cat array_dims array_length array_lower array_ndims array_position
array_positions array_prepend array_remove array_replace array_to_json array_to_string array_upper ascii bit_and
bit_count bit_length bit_or bit_xor bool_and bool_or btrim cardinality cbrt char_length character_length chr
clock_timestamp corr covar_pop covar_samp date_bin date_part date_trunc daterange decode div encode every
extract format gcd gen_random_uuid generate_series generate_subscripts get_bit get_byte grouping host hostmask
initcap int4range int8range isempty isfinite json_agg json_array_elements json_array_elements_text json_array_length
json_build_array json_build_object json_each json_each_text json_extract_path json_extract_path_text json_object_agg
json_object_keys json_strip_nulls json_typeof jsonb_agg jsonb_array_elements jsonb_array_elements_text
jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path
jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg jsonb_object_keys jsonb_path_exists
jsonb_path_match jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set
jsonb_strip_nulls jsonb_typeof justify_days justify_hours justify_interval lcm left length log10 lower_inc lower_inf
lpad make_date make_interval make_time make_timestamp make_timestamptz masklen md5 min_scale mode multirange netmask
network now numnode num_nonnulls num_nulls numrange nummultirange octet_length overlay percentile_cont percentile_disc
phraseto_tsquery plainto_tsquery position querytree quote_ident quote_literal quote_nullable range_agg range_merge
regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
regexp_split_to_table regexp_substr regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope reverse right row
row_to_json rpad scale set_bit set_byte set_masklen sha224 sha256 sha384 sha512 split_part starts_with
statement_timestamp stddev stddev_pop stddev_samp string_agg string_to_array string_to_table strip strpos
text to_ascii to_char to_date to_hex to_json to_jsonb to_number to_timestamp to_tsquery to_tsvector
transaction_timestamp translate trim_array trim_scale trunc ts_headline ts_rank ts_rank_cd tsrange tstzrange
unistr unnest upper_inc upper_inf var_pop var_samp variance websearch_to_tsquery width_bucket
"""

_MYSQL = """
adddate addtime ascii bin bit_and bit_count bit_length bit_or bit_xor char_length character_length
convert_tz conv cot crc32 curdate curtime date date_add date_format date_sub datediff day dayname dayofmonth dayofweek
dayofyear elt export_set extract field find_in_set format from_base64 from_days from_unixtime group_concat hex hour
if ifnull inet_aton inet_ntoa inet6_aton inet6_ntoa insert instr isnull json_arrayagg json_array_append
json_array_insert json_compact json_contains json_contains_path json_depth json_detailed json_exists json_extract
json_insert json_keys json_length json_loose json_merge_patch json_merge_preserve json_objectagg json_overlaps
json_pretty json_query json_quote json_remove json_replace json_search json_set json_type json_unquote json_valid
json_value last_day lcase left length lengthb locate log10 log2 lpad make_set makedate maketime match md5 median
microsecond mid minute month monthname name_const natural_sort_key now oct octet_length ord percentile_cont
percentile_disc period_add period_diff position quarter quote rand regexp_instr regexp_replace regexp_substr reverse
right rlike rpad sec_to_time second sha sha1 sha2 soundex std stddev stddev_pop stddev_samp str_to_date strcmp subdate
substring_index subtime sysdate time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64
to_char to_days to_seconds truncate ucase unhex unix_timestamp utc_date utc_time utc_timestamp uuid var_pop var_samp
variance week weekday weekofyear weight_string year yearweek current_date current_time current_timestamp localtime
localtimestamp
"""

_SQLITE = """
acosh asinh atanh char cosh date datetime format glob group_concat hex ifnull iif if instr json json_array_length
json_each json_error_position json_extract json_group_array json_group_object json_insert json_patch json_quote
json_remove json_replace json_set json_tree json_type json_valid jsonb jsonb_extract julianday length like likelihood
likely log10 log2 nullif octet_length printf quote sinh soundex sqlite_version strftime string_agg tanh time timediff
total trunc typeof unhex unicode unixepoch unlikely
"""

PURE: dict[str, frozenset[str]] = {
    "mysql": frozenset((_EVERYWHERE + _MYSQL).split()) - {"random"},
    "postgresql": frozenset((_EVERYWHERE + _POSTGRESQL).split()) - {"json_array"},
    "sqlite": frozenset((_EVERYWHERE + _SQLITE).split()) - {"greatest", "least"},
}
PURE["mariadb"] = PURE["mysql"]

TABLE_COLUMNS: dict[str, tuple[str, ...]] = {
    "json_array_elements": ("value",),
    "json_array_elements_text": ("value",),
    "json_each_text": ("key", "value"),
    "jsonb_array_elements": ("value",),
    "jsonb_array_elements_text": ("value",),
    "jsonb_each": ("key", "value"),
    "jsonb_each_text": ("key", "value"),
    "json_tree": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path"),
}
"""Columns of a function in FROM, where they do not bear the function's own name. `json_each` depends on the engine."""

JSON_EACH = {"postgresql": ("key", "value"), "sqlite": TABLE_COLUMNS["json_tree"]}

ONE_COLUMN = frozenset(
    """
    generate_series generate_subscripts json_object_keys jsonb_object_keys jsonb_path_query regexp_matches
    regexp_split_to_table string_to_table unnest
    """.split()  # noqa: SIM905 - a table of words reads better than sixty quoted strings
)
"""Functions in FROM with one column, which bears the alias or the function's name."""

AGGREGATE_COUNTS = frozenset({"count", "row_number", "regr_count"})
"""Results that carry no value of their arguments, only how many rows have one."""
