package rules

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"why401/parsers"
)

// A store answers a URL that was signed beforehand with the same AccessDenied
// when its time is over as when a policy says no; the URL tells which.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
func presigned(r *parsers.Record, v *Verdict) {
	if v.Cause != InsufficientPermission || r.Status != 403 || r.Time == 0 {
		return
	}
	q := query(r)
	signed, lifetime, ok := signedFor(q, "X-Amz-")
	if !ok {
		signed, lifetime, ok = signedFor(q, "X-Goog-")
	}
	const skew = 15 * time.Minute // that both stores bear
	used := time.Unix(0, r.Time)
	was := *v
	switch age := used.Sub(signed).Round(time.Second); {
	case !ok:
		return
	case age > lifetime:
		v.Cause, v.Rule, v.Evidence = ExpiredToken, "expired_token/presigned-url", fmt.Sprintf("the URL was signed for %s and used after %s", lifetime, age)
	case age < -skew:
		v.Cause, v.Rule, v.Evidence = ClockSkew, "clock_skew/presigned-url", fmt.Sprintf("the URL was signed %s later than it was used", -age)
	default:
		return
	}
	v.Confidence, v.Tier = 0.85, TierCode // a client may write any time there
	v.Candidates = []Candidate{{v.Cause, v.Confidence}, {was.Cause, 0.15}}
}

// signedFor reads when a URL was signed and for how long from its query; prefix is
// that of the parameters' names.
func signedFor(query []byte, prefix string) (at time.Time, lifetime time.Duration, ok bool) {
	at, err := time.Parse("20060102T150405Z", string(parameter(query, prefix+"Date=")))
	if err != nil {
		return at, 0, false
	}
	n, err := strconv.ParseUint(string(parameter(query, prefix+"Expires=")), 10, 20) // at most a week
	return at, time.Duration(n) * time.Second, err == nil
}

// parameter returns the value of the parameter that name, with its '=', names;
// nil if there is none or it is longer than any time.
func parameter(query []byte, name string) []byte {
	i := bytes.Index(query, []byte(name))
	if i < 0 || i > 0 && query[i-1] != '&' {
		return nil
	}
	value := query[i+len(name):]
	if end := bytes.IndexByte(value, '&'); end >= 0 {
		value = value[:end]
	}
	if len(value) > 20 {
		return nil
	}
	return value
}
