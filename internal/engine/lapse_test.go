package engine

import (
	"testing"
	"time"
)

func TestLapse(t *testing.T) {
	now := time.Date(2026, 5, 11, 9, 10, 0, 0, time.UTC).UnixNano()
	for text, want := range map[string]time.Duration{
		"Signature expired: 20260511T090000Z is now earlier than 20260511T090500Z (20260511T091000Z - 5 min.)":   10 * time.Minute,
		"Signature not yet current: 20260511T092000Z is still later than 20260511T091500Z":                       -10 * time.Minute,
		"JWT expired at 2026-05-11T09:08:00Z. Current time: 2026-05-11T09:10:00Z, a difference of 120000":        2 * time.Minute,
		"JWT expired 240000 milliseconds ago at 2026-05-11T09:06:00.000Z.":                                       4 * time.Minute,
		"The token is expired. ValidTo (UTC): '05/11/2026 08:59:00', Current time (UTC): '05/11/2026 09:10:00'.": 11 * time.Minute,
		"Token used too early, 1778490600 < 1778490660. Check that your computer's clock is set":                 -time.Minute,
		"token is expired by 1m30s": 90 * time.Second,
		"oidc: token is expired (Token Expiry: 2026-05-11 09:00:00 +0000 UTC)":                                               10 * time.Minute,
		"oidc: current time 2026-05-11 09:10:00.2 +0000 UTC before the nbf (not before) time: 2026-05-11 09:11:00 +0000 UTC": -time.Minute,
		"'exp' claim expired at Mon, 11 May 2026 09:09:00 GMT":                                                               time.Minute,
		"JWT expired 13 seconds ago":              13 * time.Second,
		"JWT was issued 13 seconds in the future": -13 * time.Second,
		"token is expired":                        0,
		"token 1234567890 expired, see 09:00:00":  0,
		"jwt expired at 2026-05-11T09:10:00Z":     0,
		"expired by 9999999999999999999999h":      0,
		"expired by -2562047h47m16.854775808s":    0,
		"JWT expired 999999999 hours ago":         0,
	} {
		if got := lapseIn([]byte(text), now, false); got.Round(time.Second) != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if got := lapseIn([]byte("expired at 2026-05-11 09:00:00, now 2026-05-11 09:01:00"), now+int64(2*time.Hour), true); got != time.Minute {
		t.Errorf("without a zone: %s", got)
	}
	if got := lapseIn([]byte("expired at 2026-05-11 09:00:00"), now+int64(2*time.Hour), true); got != 0 {
		t.Errorf("without a zone, and without the present: %s", got)
	}
}
