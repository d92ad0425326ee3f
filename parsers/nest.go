package parsers

import "bytes"

var _ = register(Parser{
	Name: "nest",
	Doc: `NestJS console logger

"[Nest] pid  - 08/02/2023, 7:32:47 PM    WARN [Context] text": the date as the
process' locale writes it. https://docs.nestjs.com/techniques/logger`,
	Layer: App,
	First: "[",
	Order: 14,
	Parse: parseNest,
})

func parseNest(r *Record, s *Scratch) bool {
	name, rest, ok := cutBracket(r.Text[:min(len(r.Text), 60)])
	if !ok || len(name) == 0 || name[0]-'0' <= 9 {
		return false
	}
	pid, rest := cutWord(rest)
	rest = trimSpaces(rest)
	if !isDigits(pid) || len(rest) < 12 || rest[0] != '-' || rest[1] != ' ' {
		return false
	}
	rest = trimSpaces(r.Text[len(name)+2:])
	_, rest = cutWord(rest)
	rest = trimSpaces(trimSpaces(rest)[1:])
	when, n := s.Any(rest, false)
	if n == 0 {
		return false
	}
	level, rest := cutWord(trimSpaces(rest[n:]))
	if !isLevel(level) && string(level) != "LOG" {
		return false
	}
	when.Set(r)
	r.Level = level
	rest = trimSpaces(rest)
	if context, after, ok := cutBracket(rest); ok {
		r.Logger, rest = context, after
	}
	if who := after(rest, " for user "); who != nil {
		if i := bytes.LastIndex(who, []byte(" from ip")); i > 0 {
			r.setUser(bytes.Trim(who[:i], `"'`))
			r.setAddress(bytes.TrimPrefix(who[i+8:], []byte(" address ")))
		}
	}
	r.pick(rest, s)
	return true
}
