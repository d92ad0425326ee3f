package rules

import (
	"fmt"
	"testing"
)

// A URL signed beforehand tells why it was refused.
func TestPresigned(t *testing.T) {
	const line = `aa photos [20/Nov/2026:10:00:00 +0000] 192.0.2.14 - 7F REST.GET.OBJECT a.jpg "GET /a.jpg?%s HTTP/1.1" %d %s 243 - 7 - "-" "curl/8" - aB= SigV4 - QueryString photos.example - - -`
	for _, c := range []struct {
		query  string
		status int
		want   Cause
	}{
		{"X-Amz-Date=20261120T093000Z&X-Amz-Expires=900", 403, ExpiredToken},
		{"X-Goog-Algorithm=x&X-Goog-Date=20261120T093000Z&X-Goog-Expires=900", 403, ExpiredToken},
		{"X-Amz-Date=20261120T095000Z&X-Amz-Expires=900", 403, InsufficientPermission},
		{"X-Amz-Date=20261120T095000Z&X-Amz-Expires=600", 403, InsufficientPermission}, // to the second
		{"X-Amz-Date=20261120T103000Z&X-Amz-Expires=900", 403, ClockSkew},
		{"X-Amz-Date=20261120T093000Z", 403, InsufficientPermission},
		{"X-Amz-Date=20261120T093000Z&X-Amz-Expires=99999999999999999999", 403, InsufficientPermission},
		{"X-Amz-Date=yesterday&X-Amz-Expires=-1", 403, InsufficientPermission},
		{"a=X-Amz-Date=20261120T093000Z&X-Amz-Expires=900", 403, InsufficientPermission},
		{"X-Amz-Date=20261120T093000Z&X-Amz-Expires=900", 200, None},
	} {
		code := "AccessDenied"
		if c.status == 200 {
			code = "-"
		}
		if v := verdict(t, fmt.Sprintf(line, c.query, c.status, code)); v.Cause != c.want {
			t.Errorf("%s by %s, want %s: %s", v.Cause, v.Rule, c.want, c.query)
		}
	}
}
