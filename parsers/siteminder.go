package parsers

import "bytes"

var _ = register(Parser{
	Name: "siteminder",
	Doc: `SiteMinder policy server access log (smaccess)

"AuthReject host [date] "address user" "agent METHOD uri" [..] [reason] text [] []";
the code is the first word.`,
	Layer: AuthService,
	First: "AVR",
	Order: 36,
	Parse: parseSiteMinder,
})

// AuthReject host [23/Jul/2025:09:36:18 +0200] "192.0.2.1 user" "agent GET /uri" [] [0] text [] []
func parseSiteMinder(r *Record, s *Scratch) bool {
	t := r.Text
	kind, rest := cutWord(t[:min(len(t), 40)])
	if len(rest) == 0 || !hasPrefix(kind, "Auth") && !hasPrefix(kind, "Az") && !hasPrefix(kind, "Validate") {
		return false
	}
	_, rest = cutWord(t[len(kind)+1:])
	if len(rest) < 30 || rest[0] != '[' {
		return false
	}
	when, n := s.CLF(rest[1:])
	if n == 0 || !hasPrefix(rest[n+1:], `] "`) {
		return false
	}
	subject, rest, ok := cutQuoted(rest[n+3:])
	if !ok || len(rest) < 2 {
		return false
	}
	target, rest, ok := cutQuoted(rest[1:])
	if !ok {
		return false
	}
	when.Set(r)
	addr, user := cutWord(subject)
	r.setClient(addr)
	r.setUser(user)
	agent, request := cutWord(target)
	r.setRequest(request)
	r.Logger = agent
	r.Code = kind
	rest = bytes.TrimLeft(rest, " ")
	if _, after, ok := cutBracket(rest); ok {
		rest = after
	}
	if _, after, ok := cutBracket(rest); ok {
		rest = after
	}
	r.Message = bytes.TrimRight(upTo(rest, " ["), " ")
	switch {
	case bytes.HasSuffix(kind, []byte("Reject")), bytes.HasSuffix(kind, []byte("Attempt")):
		r.Outcome = Failure
	case bytes.HasSuffix(kind, []byte("Accept")):
		r.Outcome = Success
	}
	return true
}
