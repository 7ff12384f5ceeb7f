-- As before; lines without a number are counted.
CREATE OR REPLACE FUNCTION cm_lines(lines text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT jsonb_agg(jsonb_build_object('line', coalesce(l.line, e.at)::text, 'product', l.product::text, 'text', l.text,
		'quantity', trim_scale(l.quantity)::text, 'unit', l.unit, 'price', trim_scale(l.price)::text, 'amount', trim_scale(l.amount)::text,
		'tax', trim_scale(l.tax)::text) ORDER BY coalesce(l.line, e.at))::text
	FROM jsonb_array_elements(nullif(lines, '')::jsonb) WITH ORDINALITY AS e(given, at)
	CROSS JOIN LATERAL jsonb_to_record(e.given) AS l(line integer, product bigint, text text, quantity numeric(19, 6), unit text,
		price numeric(19, 6), amount numeric(19, 6), tax numeric(19, 6))
$$;
