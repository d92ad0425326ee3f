package correlate

import (
	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// Some logs list the headers of a request without those that hold credentials. What they
// don't show was sent all the same, as the words of an inner hop tell.

// A silence counts what shows that a log leaves credentials out.
type silence struct {
	shows  bool  // some line of it has credentials
	belied uint8 // lines without, of requests whose credentials were read
}

// believeAbsence takes back that nothing was sent with a, where its log never shows what is.
func (t *Tracker) believeAbsence(a *detectors.Attempt) {
	const some = 3
	if a.Sent == parsers.SentUnknown {
		return
	}
	s := t.silences[logOf(a)]
	switch {
	case a.Sent == parsers.SentPresent && !s.shows && len(t.silences) < maxLogs:
		s.shows = true
		t.silences[logOf(a)] = s
	case a.Sent == parsers.SentAbsent && !s.shows && s.belied >= some:
		a.Sent = parsers.SentUnknown
	}
}

// readToken are causes that only who read a token can name.
var readToken = [rules.NumCauses]bool{rules.InvalidSignature: true, rules.UnknownKey: true, rules.ExpiredToken: true, rules.ClockSkew: true,
	rules.RevokedToken: true, rules.WrongIssuer: true, rules.WrongAudience: true, rules.WrongTokenType: true, rules.AlgorithmNotAllowed: true}

// countSilences learns from the joined request r which logs leave credentials out.
func (t *Tracker) countSilences(r *request) {
	if len(r.parts) < 2 || r.Fail == nil || r.Sent != parsers.SentAbsent || !readToken[r.Fail.Cause] {
		return
	}
	for i := range r.parts {
		if p := &r.parts[i]; p.Sent == parsers.SentAbsent && len(t.silences) < maxLogs {
			s := t.silences[logOf(p)]
			s.belied = min(s.belied+1, 100)
			t.silences[logOf(p)] = s
		}
	}
	r.merged.Sent = parsers.SentUnknown
}
