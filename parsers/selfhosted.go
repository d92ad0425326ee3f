package parsers

import "bytes"

// Layouts of one product each, whose heads are like no other's.

var _ = register(Parser{
	Name:  "centreon",
	Doc:   "Centreon's login log\n\n\"stamp|code|x|x|[WEB] [address] text\".",
	Layer: App, First: "2", Order: 52, Parse: parseCentreon,
})

var _ = register(Parser{
	Name:  "tine20",
	Doc:   "Tine 2.0\n\n\"id request -- user -- - stamp LEVEL (n): class::method::line text\".",
	Layer: App, First: "0123456789abcdef", Order: 53, Parse: parseTine,
})

var _ = register(Parser{
	Name:  "zoneminder",
	Doc:   "ZoneMinder\n\n\"01/02/06 15:04:05.000000 component[pid].LVL [address] [text] at file line n\".",
	Layer: App, First: "01", Order: 54, Parse: parseZoneMinder,
})

var _ = register(Parser{
	Name:  "qbittorrent",
	Doc:   "qBittorrent\n\n\"(L) stamp - text\", the level one letter.",
	Layer: App, First: "(", Order: 55, Parse: parseQBittorrent,
})

func parseCentreon(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 30 || t[4] != '-' || t[10] != ' ' || t[19] != '|' {
		return false
	}
	i := bytes.LastIndexByte(t[:min(len(t), 60)], '|')
	when, n := s.ISO(t)
	if n != 19 || i < 22 {
		return false
	}
	when.Set(r)
	text := t[i+1:]
	if where, rest, ok := cutBracket(text); ok {
		r.Logger, text = where, rest
	}
	if addr, rest, ok := cutBracket(text); ok && isAddress(addr) {
		r.Client, text = addr, rest
	}
	if who := after(text, " for '"); who != nil {
		if i := bytes.LastIndexByte(who, '\''); i > 0 {
			r.setUser(who[:i])
		}
	}
	r.pick(text, s)
	return true
}

func parseTine(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 60 || t[5] != ' ' {
		return false
	}
	i := bytes.Index(t[:24], []byte(" -- "))
	if i < 5 {
		return false
	}
	j := bytes.Index(t[i+4:min(len(t), 160)], []byte(" - "))
	if j < 0 {
		return false
	}
	user := t[i+4 : i+4+j]
	j += i + 4
	when, n := s.ISO(t[j+3:])
	if n == 0 {
		return false
	}
	level, rest := cutWord(trimSpaces(t[j+3+n:]))
	number, text := cutWord(rest)
	if !isLevel(level) || len(number) < 3 || number[0] != '(' {
		return false
	}
	when.Set(r)
	r.Level = level
	user = bytes.TrimRight(upTo(user, " --"), " -")
	if string(user) != "none" {
		r.setUser(user)
	}
	_, r.RequestID = cutWord(t[:i])
	if where, rest := cutWord(text); bytes.Contains(where, []byte("::")) {
		r.Logger, text = where, rest
	}
	if who := after(text, "with username "); who != nil {
		if i := bytes.LastIndex(who, []byte(" from ")); i > 0 && r.setAddress(who[i+6:]) {
			r.setUser(who[:i])
		}
	}
	r.pick(text, s)
	return true
}

func parseZoneMinder(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[2] != '/' || t[5] != '/' || t[8] != ' ' || t[11] != ':' {
		return false
	}
	// The year has two digits.
	var full [32]byte
	stamp := append(append(append(full[:0], t[:6]...), "20"...), t[6:24]...)
	when, n := s.Slashes(stamp)
	if n == 0 {
		return false
	}
	where, rest := cutWord(trimSpaces(t[n-2:]))
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

func parseQBittorrent(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 26 || t[2] != ')' || t[3] != ' ' || t[8] != '-' {
		return false
	}
	when, n := s.ISO(t[4:])
	if n == 0 || !hasPrefix(t[4+n:], " - ") {
		return false
	}
	when.Set(r)
	r.Level = t[1:2]
	text := t[7+n:]
	if who := afterLast(text, ", username: "); who != nil {
		r.setUser(who)
		text = text[:len(text)-len(who)-len(", username: ")]
	}
	r.pick(text, s)
	return true
}
