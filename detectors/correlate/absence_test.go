package correlate

import (
	"fmt"
	"strings"
	"testing"

	"why401/parsers"
	"why401/rules"
)

// An edge whose log leaves Authorization out hides neither what was sent nor which
// replica is at fault; one that shows it now and then is believed.
func TestAbsenceBelied(t *testing.T) {
	for _, shows := range []bool{false, true} {
		s := newScene(t)
		for i := range 400 {
			edge := req{at: 1000 + float64(i*4), ip: regular(i), sent: parsers.SentAbsent, id: fmt.Sprint("r", i), status: 200}
			app := edge
			app.ip, app.sent, app.app = "", parsers.SentUnknown, []string{"a", "b", "c"}[i%3]
			if i > 100 && i%3 == 2 {
				edge.status, app.status, app.fail = 401, 401, says(rules.UnknownKey)
			} else if shows && i%10 == 0 {
				edge.sent = parsers.SentPresent
			}
			s.line(edgeLog, edge)
			s.line(appLog, app)
		}
		found, _ := observe(s.sorted(), Config{}, nil)
		replica := 0
		for _, f := range found {
			if f.Cause != rules.UnknownKey.String() {
				t.Errorf("shows %v: %s", shows, f.Cause)
			}
			if strings.Contains(f.Evidence, "one replica") {
				replica++
			}
		}
		if !shows && replica < 80 {
			t.Errorf("%d of %d findings name the replica", replica, len(found))
		}
	}
}
