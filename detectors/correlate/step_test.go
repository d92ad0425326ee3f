package correlate

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// An application that tells neither the path nor the client is joined with what the edge
// and the gateway show, by time alone, whatever status they answer with; also where two
// requests are in hand.
func TestStepJoinsByTimeAlone(t *testing.T) {
	for _, status := range []int{401, 302} {
		for _, gateway := range []bool{true, false} {
			s := newScene(t)
			want := 0
			for i := range 600 {
				at := 1000 + float64(i*3)
				if gateway && i > 100 && i%50 == 1 {
					at -= 2.99 // with the one before
				}
				ms := at + 0.003
				if i%2 == 0 {
					ms += 0.2
				}
				edge := req{at: float64(int(at)), ip: fmt.Sprint("192.0.2.", i%30+1), method: "POST", path: "/login", kind: detectors.Login, status: 302}
				app := req{at: ms + 0.02, ip: "10.1.0.3", method: "-", path: "-", user: fmt.Sprint("u", i), kind: detectors.Login, status: 0}
				if i%4 != 0 {
					edge.status, app.fail = status, says(rules.BadCredentials)
					want++
				}
				s.line(edgeLog, edge)
				if gateway {
					edge.at, edge.ip = ms, "10.1.0.2"
					s.line(authLog, edge)
				}
				s.line(appLog, app)
			}
			found, _ := observe(s.sorted(), Config{}, nil)
			named := 0
			for _, f := range found {
				if f.User != "" && f.SourceIP != "" && f.SourceIP[:3] == "192" {
					named++
				}
			}
			if len(found) != want || named != want {
				t.Errorf("status %d, gateway %v: %d findings of %d failures, %d with client and name", status, gateway, len(found), want, named)
			}
		}
	}
}

// What happens inside at times of its own is no request of the edge's.
func TestNoStepNoJoin(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, every := range []float64{30, 3, 0.3} { // seconds between the edge's
		s := newScene(t)
		const n = 1000
		for range n {
			s.line(edgeLog, req{at: 1000 + random.Float64()*n*every, ip: fmt.Sprint("192.0.2.", random.IntN(30)+1), method: "POST", path: "/login", kind: detectors.Login, status: 401, sent: parsers.SentPresent})
			s.line(appLog, req{at: 1000 + random.Float64()*n*every, ip: "10.1.0.3", method: "-", path: "-", user: fmt.Sprint("u", random.IntN(50)), kind: detectors.Login, fail: says(rules.BadCredentials)})
		}
		if found, _ := observe(s.sorted(), Config{}, nil); len(found) < 2*n*98/100 {
			t.Errorf("each %g s: %d findings of %d failures", every, len(found), 2*n)
		}
	}
}
