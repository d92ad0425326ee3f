package parsers

import "bytes"

var _ = register(Parser{
	Name: "websphere",
	Doc: `WebSphere and Liberty: SystemOut.log, messages.log

"[3/14/26 9:26:53:589 GMT] thread component L CODE: text". The code is the
message's own (SECJ0369E, CWWKS1100A).`,
	Layer: App,
	First: "[",
	Order: 19,
	Parse: parseWebSphere,
})

func parseWebSphere(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[2] != '/' && t[3] != '/' {
		return false
	}
	stamp, rest, ok := cutBracket(t)
	if !ok {
		return false
	}
	when, ok := webSphereStamp(stamp, s)
	if !ok {
		return false
	}
	thread, rest := cutWord(rest)
	logger, rest := cutWord(trimSpaces(rest))
	level, rest := cutWord(trimSpaces(rest))
	if len(level) != 1 || len(thread) < 4 || len(logger) == 0 {
		return false
	}
	when.Set(r)
	r.Level, r.Logger = level, logger
	rest = trimSpaces(rest)
	if code := upTo(rest, ": "); len(code) >= 8 && len(code) <= 12 && code[len(code)-2]-'0' <= 9 && code[0]-'A' <= 25 && bytes.IndexByte(code, ' ') < 0 {
		r.Code, rest = code, rest[min(len(rest), len(code)+2):]
	}
	r.pick(rest, s)
	return true
}

// webSphereStamp reads "3/14/26 9:26:53:589 GMT", with a comma behind the date in
// Liberty.
func webSphereStamp(b []byte, s *Scratch) (Stamp, bool) {
	var iso [48]byte
	date, clock := cutByte(b, ' ')
	month, date := cutByte(date, '/')
	day, year := cutByte(date, '/')
	year = bytes.TrimSuffix(year, []byte(","))
	clock, zone := cutByte(clock, ' ')
	i := bytes.LastIndexByte(clock, ':')
	if len(month) > 2 || len(day) > 2 || len(year) != 2 || i < 6 || len(clock) > 12 || len(zone) > 6 || !isDigits(month) || !isDigits(day) || !isDigits(year) {
		return Stamp{}, false
	}
	out := append(append(iso[:0], "20"...), year...)
	for _, part := range [...][]byte{month, day} {
		out = append(out, '-')
		if len(part) == 1 {
			out = append(out, '0')
		}
		out = append(out, part...)
	}
	out = append(out, ' ')
	if clock[1] == ':' {
		out = append(out, '0')
	}
	out = append(append(append(out, clock[:i]...), '.'), clock[i+1:]...)
	out = append(append(out, ' '), zone...)
	when, n := s.ISO(out)
	return when, n > 0
}
