package correlate

import (
	"fmt"
	"testing"

	"why401/parsers"
	"why401/rules"
)

// Hosts whose clocks are minutes apart show one failed request as one finding, if both
// write its id; once the difference is known, the edge's guess waits for the words of
// the application.
func TestIDsJoinAcrossClocks(t *testing.T) {
	for _, skew := range []float64{-3600, -360, -125, -60, -20, 20, 60, 125, 360, 3600} { // the application is ahead
		s := newScene(t)
		const n, every = 900, 5
		want := 0
		for i := range n {
			edge := req{at: 10000 + float64(i*every), ip: fmt.Sprint("192.0.2.", i%30+1), sent: parsers.SentPresent, status: 200, id: fmt.Sprint("r", i)}
			if i%3 == 0 {
				edge.status = 401
				want++
			}
			app := edge
			app.at, app.ip, app.sent = edge.at+skew, "", parsers.SentUnknown
			if app.status == 401 {
				app.fail = says(rules.WrongAudience)
			}
			s.line(edgeLog, edge)
			s.line(appLog, app)
		}
		found, tr := observe(s.sorted(), Config{}, nil)
		if len(found) != want {
			t.Errorf("%g s: %d findings of %d failures", skew, len(found), want)
		}
		named := 0
		for _, f := range found {
			if f.Cause == rules.WrongAudience.String() {
				named++
			}
		}
		if early := int(max(0, skew)) / every / 3; named < want-early-fewLags-1 {
			t.Errorf("%g s: %d of %d findings name the cause, at most %d were told before the difference was known", skew, named, want, early)
		}
		if len(tr.told.slots) > maxTold || len(tr.lags) > maxLags {
			t.Errorf("%g s: unbounded", skew)
		}
	}
}

// An id that two hops share by chance, long after each other, makes no two failures one.
func TestIDsOfOtherRequestsStayApart(t *testing.T) {
	s := newScene(t)
	for i := range 50 {
		id := fmt.Sprint(i)
		s.line(appLog, req{at: float64(i * 7), id: id, path: fmt.Sprint("/a", i), status: 401, fail: says(rules.WrongAudience)})
		s.line(edgeLog, req{at: 600 + float64(i*11), ip: "192.0.2.9", id: id, path: fmt.Sprint("/b", i), status: 401, sent: parsers.SentPresent})
	}
	if found, _ := observe(s.sorted(), Config{}, nil); len(found) != 100 {
		t.Errorf("%d findings of 100 failures", len(found))
	}
}

// What happened at one time by clocks that are known to differ is not joined: the edge
// writes no ids, and the application, whose clock is behind, does.
func TestNoJoinByTimeAcrossClocks(t *testing.T) {
	s := newScene(t)
	const n, every = 400, 5
	for i := range n {
		edge := req{at: 10000 + float64(i*every), ip: fmt.Sprint("192.0.2.", i%30+1), status: 401}
		gateway := edge
		gateway.at, gateway.ip, gateway.id = edge.at+0.003, "10.0.0.3", fmt.Sprint("r", i)
		app := gateway
		app.at, app.ip, app.status, app.fail = edge.at-95, "", 0, says(rules.ClockSkew)
		s.line(edgeLog, edge)
		s.line(authLog, gateway)
		s.line(appLog, app)
	}
	if found, _ := observe(s.sorted(), Config{}, nil); len(found) < n || len(found) > n+2*fewLags {
		t.Errorf("%d findings of %d failures", len(found), n)
	}
}
