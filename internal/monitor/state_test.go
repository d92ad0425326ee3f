package monitor

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"why401/detectors"
	"why401/internal/alert"
	"why401/internal/engine"
	"why401/internal/follow"
	"why401/rules"
)

func spike(id, phase string, users ...string) *detectors.SpikeFinding {
	return &detectors.SpikeFinding{Type: "spike", ID: id, Phase: phase, Kind: "brute_force", Severity: detectors.High, CompromisedUsers: users}
}

func cause(c rules.Cause) *detectors.CauseFinding {
	return &detectors.CauseFinding{Type: "cause", Cause: c.String()}
}

// TestCampaigns counts a campaign once and an account once, however many steps
// tell of them, and keeps those under way.
func TestCampaigns(t *testing.T) {
	s := New()
	for _, f := range []detectors.Finding{
		spike("a", "opened"), spike("b", "opened", "eve"), spike("a", "grown", "ada"), spike("a", "grown", "ada", "bob"),
		spike("a", "closed", "ada", "bob"), spike("c", "closed", "zoe"), // which a restart kept from being seen earlier
	} {
		_ = s.Finding(f)
	}
	shot := s.Snapshot()
	if shot.Spikes["brute_force"] != 3 || shot.Accounts != 4 || len(shot.Campaigns) != 1 || shot.Campaigns[0].ID != "b" {
		t.Errorf("got %+v", shot)
	}
	for i := range 3 * maxCampaigns {
		_ = s.Finding(spike(fmt.Sprint(i), "opened", "x"))
	}
	if shot = s.Snapshot(); len(shot.Campaigns) != maxCampaigns || len(s.known) != maxCampaigns {
		t.Errorf("%d campaigns are kept, and the accounts of %d", len(shot.Campaigns), len(s.known))
	}
}

func TestLatest(t *testing.T) {
	s := New()
	changed := s.Changed()
	for i := range maxLatest + 5 {
		leak := detectors.LeakFinding{Type: "leak", Line: int64(i), Severity: detectors.High}
		_ = s.Finding(&leak)
		leak.Line = -1 // the engine uses it again
	}
	select {
	case <-changed:
	default:
		t.Error("nobody was told")
	}
	shot := s.Snapshot()
	if len(shot.Latest) != maxLatest || shot.Latest[0].(*detectors.LeakFinding).Line != maxLatest+4 || shot.Latest[maxLatest-1].(*detectors.LeakFinding).Line != 5 {
		t.Errorf("%d findings from %v to %v", len(shot.Latest), shot.Latest[0], shot.Latest[len(shot.Latest)-1])
	}
	if shot.Leaks[detectors.High] != maxLatest+5 {
		t.Errorf("%d leaks", shot.Leaks[detectors.High])
	}
}

// TestRates counts by the second and forgets after the window.
func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New()
		for range 3 {
			_ = s.Finding(cause(rules.ExpiredToken))
			_ = s.Finding(cause(rules.BenignChallenge))
			time.Sleep(time.Second)
		}
		s.Progress(&engine.Stats{Files: []engine.FileStats{{Name: "a", Records: 70}}})
		time.Sleep(2 * time.Second)
		s.Progress(&engine.Stats{Files: []engine.FileStats{{Name: "a", Records: 100}}})
		shot := s.Snapshot()
		if diff := cmp.Diff([]int64{0, 1, 1, 1, 0, 0, 0}, shot.Refused[window-7:]); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]int64{1, 1, 1, 0, 0, 0}, shot.Trend[rules.ExpiredToken][window-6:]); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]int64{0, 70, 0, 30}, shot.Requests[window-4:]); diff != "" {
			t.Error(diff)
		}
		if shot.Benign != 3 {
			t.Errorf("%d challenges", shot.Benign)
		}
		time.Sleep(window * time.Second)
		for _, n := range s.Snapshot().Refused {
			if n != 0 {
				t.Error("old refusals are still told")
			}
		}
	})
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New()
		get := func(path string) (int, string) {
			w := httptest.NewRecorder()
			s.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			body, _ := io.ReadAll(w.Body)
			return w.Code, string(body)
		}
		s.Alive([]follow.Health{{Name: "a.log"}, {Name: "b.log", Unread: 7}})
		if code, _ := get("/healthz"); code != 200 {
			t.Errorf("code %d", code)
		}
		s.Alive([]follow.Health{{Name: "a.log"}, {Name: "b\x1b.log", Problem: "cannot be read"}})
		if code, body := get("/healthz"); code != 503 || body != "b\\x1b.log cannot be read\n" {
			t.Errorf("code %d, %q", code, body)
		}
		s.Alive([]follow.Health{{Name: "a.log"}}) // b.log is gone for good
		if code, body := get("/healthz"); code != 200 {
			t.Errorf("code %d, %q", code, body)
		}
		time.Sleep(time.Minute)
		if code, body := get("/healthz"); code != 503 || !strings.Contains(body, "stood still for 1m0s") {
			t.Errorf("code %d, %q", code, body)
		}
	})
}

// TestExposition holds the page of metrics to the text format: every series has its
// type, no series comes twice, and nothing that logs name breaks a line.
func TestExposition(t *testing.T) {
	s := New()
	s.Alerts(func() map[string]alert.Counts {
		return map[string]alert.Counts{"webhook hooks.example": {Sent: 1, Dropped: 2, Waiting: 3}}
	})
	health := []follow.Health{{Name: "a\"b\\c\nd\x1b.log", Unread: 5}}
	for i := range 3 * maxLabels {
		health = append(health, follow.Health{Name: fmt.Sprint(i, ".log"), Unread: 1})
	}
	s.Alive(health)
	s.Progress(&engine.Stats{Files: []engine.FileStats{{Name: "0.log", Lines: 9, Records: 8, Unparsed: 1, Last: 1_700_000_000_000_000_000}}})
	_ = s.Finding(cause(rules.ExpiredToken))
	_ = s.Finding(spike("a", "opened", "ada"))
	text := page(t, s)
	line := regexp.MustCompile(`^([a-z0-9_]+)(\{[a-z]+="(?:[^"\\\n]|\\[\\n"])*"\})? [0-9.e+-]+$`)
	types, seen := map[string]bool{}, map[string]bool{}
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		if name, ok := strings.CutPrefix(l, "# TYPE "); ok {
			name, kind, _ := strings.Cut(name, " ")
			if types[name] || kind == "counter" != strings.HasSuffix(name, "_total") {
				t.Errorf("type: %s", l)
			}
			types[name] = true
			continue
		}
		if strings.HasPrefix(l, "# HELP ") {
			continue
		}
		m := line.FindStringSubmatch(l)
		if m == nil || !types[m[1]] || seen[m[1]+m[2]] {
			t.Errorf("line: %q", l)
			continue
		}
		seen[m[1]+m[2]] = true
	}
	for _, want := range []string{
		`why401_failures_total{cause="expired_token"} 1`, `why401_failures_total{cause="saml_failure"} 0`,
		`why401_spikes_open{kind="brute_force"} 1`, `why401_compromised_users_total 1`, `why401_records_total 8`,
		`why401_source_last_record_time_seconds{source="0.log"} 1700000000`,
		fmt.Sprintf(`why401_source_unread_bytes{source="others"} %d`, 2*maxLabels+1),
		`why401_alerts_dropped_total{target="webhook hooks.example"} 2`,
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("without %s", want)
		}
	}
}

func page(t *testing.T, s *State) string {
	t.Helper()
	var b bytes.Buffer
	shot := s.Snapshot()
	if err := shot.WriteMetrics(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestShipped finds every metric that the shipped dashboard and alert rules name.
func TestShipped(t *testing.T) {
	s := New()
	s.Alerts(func() map[string]alert.Counts { return map[string]alert.Counts{"x": {}} })
	s.Alive([]follow.Health{{Name: "a.log"}})
	text := page(t, s)
	for _, name := range []string{"grafana.json", "prometheus.yaml"} {
		shipped, err := os.ReadFile("../../.ci/package/" + name)
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`\b(why401|process|go)_[a-z0-9_]+`).FindAllString(string(shipped), -1)
		if len(names) == 0 {
			t.Errorf("%s names no metric", name)
		}
		for _, m := range names {
			if !strings.Contains(text, "# TYPE "+m+" ") {
				t.Errorf("%s names %s, which isn't there", name, m)
			}
		}
	}
}

func TestListen(t *testing.T) {
	for address, ok := range map[string]bool{":0": true, "127.0.0.1:0": true, "localhost:0": true, "[::1]:x": false, "0.0.0.0:0": false, "192.0.2.7:80": false, "80": false, "host.invalid:80": false} {
		ln, err := Listen(address, false)
		if (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
		if err == nil {
			if !strings.HasPrefix(ln.Addr().String(), "127.0.0.1:") && !strings.HasPrefix(ln.Addr().String(), "[::1]:") {
				t.Errorf("%s is %s", address, ln.Addr())
			}
			if _, err := Listen(ln.Addr().String(), false); err == nil || err.Error() != "address already in use" {
				t.Errorf("twice: %v", err)
			}
			_ = ln.Close()
		}
	}
}
