package parsers

import "bytes"

var _ = register(Parser{
	Name: "zoneminder",
	Doc: `ZoneMinder

"01/02/06 15:04:05.000000 component[pid].LVL [address] [text] at file line n", in newer
ones with a stamp of PHP's: "01/02/06, 3:04:05 PM MST.000000 component...".`,
	Layer: App,
	First: "01",
	Order: 54,
	Parse: parseZoneMinder,
})

func parseZoneMinder(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[2] != '/' || t[5] != '/' || t[8] != ' ' && t[8] != ',' || t[11] != ':' && t[12] != ':' {
		return false
	}
	// The year has two digits.
	var full [32]byte
	stamp := append(append(append(full[:0], t[:6]...), "20"...), t[6:26]...)
	when, n := s.Slashes(stamp)
	if n == 0 {
		return false
	}
	rest := trimSpaces(t[n-2:])
	if t[8] == ',' { // the zone's name, and a fraction
		_, rest = cutWord(rest)
	}
	where, rest := cutWord(trimSpaces(rest))
	dot := bytes.LastIndexByte(where, '.')
	if dot < 1 || bytes.IndexByte(where[:dot], '[') < 0 {
		return false
	}
	when.Set(r)
	r.Assumed &^= AssumedDate // month first, always
	r.Level, r.Logger = where[dot+1:], upTo(where, "[")
	if addr, after, ok := cutBracket(rest); ok && isAddress(addr) {
		r.Client, rest = addr, after
	}
	rest = bytes.TrimPrefix(rest, []byte("["))
	if i := bytes.LastIndex(rest, []byte("] at ")); i >= 0 {
		rest = rest[:i]
	}
	r.pick(rest, s)
	return true
}
