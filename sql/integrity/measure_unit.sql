-- severity: error
-- vi: Giá trị không đúng đơn vị đo: tỷ lệ khác với tử số chia mẫu số nhân hệ số của chỉ tiêu
-- en: A value is not in its measure unit: a ratio is not factor × numerator / denominator
select o.submission, o.indicator, o.org_unit, i.measure_unit, o.numerator, o.denominator, o.value, o.sheet, o.cell
from core.observation as o
join reference.indicator as i using (indicator)
where
    i.measure_unit = ''
    or (
        i.kind = 'ratio'
        and o.qualifier = ''
        and o.numerator is not null
        and o.denominator <> 0
        and o.value is not null
        and abs(o.value - i.factor * o.numerator / o.denominator) > 1e-6 * greatest(1, abs(o.value))
    )
