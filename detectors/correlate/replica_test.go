package correlate

import (
	"strings"
	"testing"

	"why401/rules"
)

// Where no line names who answered, files whose names differ in digits alone do.
func TestFilesOfReplicas(t *testing.T) {
	files := map[string]string{
		"web1/app.log web2/app.log edge.log x": "server_misconfiguration",
		"orders.log bills.log edge.log x":      "invalid_token",
	}
	for names, want := range files {
		s := newScene(t)
		for i := range 200 {
			at, ip := float64(3*i), regular(i)
			s.line(edgeLog, req{at: at, ip: ip, sent: present, status: 200})
			s.line(appLog, req{at: at, ip: ip, status: 200})
			if i%4 == 0 {
				r := req{at: at + 1, ip: regular(i + 7), sent: present, status: 401, want: want}
				words := r
				words.fail = says(rules.InvalidToken)
				s.expect(r, s.line(edgeLog, r), s.line(authLog, words))
			}
		}
		list := strings.Fields(names)
		found, _ := observe(s.sorted(), Config{Files: func() []string { return list }}, nil)
		if len(found) != 50 {
			t.Errorf("%s: %d findings, want 50", names, len(found))
			continue
		}
		for _, f := range found {
			if f.Cause != want || want == "server_misconfiguration" && !strings.Contains(f.Evidence, "web2/app.log") {
				t.Errorf("%s: %s (%s), want %s", names, f.Cause, f.Evidence, want)
				break
			}
		}
	}
}
