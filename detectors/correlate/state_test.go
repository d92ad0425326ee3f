package correlate

import (
	"testing"

	"why401/detectors"
	"why401/rules"
)

// TestStateCutOff holds that a state that isn't whole is left, and that one that is
// gives the same state again.
func TestStateCutOff(t *testing.T) {
	key := detectors.StoredKey([]byte("0123456789abcdef"))
	s := &State{Key: key}
	tr := New(Config{State: s}, nil).(*Tracker)
	for i := range 300 {
		a := &detectors.Attempt{Time: int64(i+1) * 1e9, User: "ada", Path: uint64(i%7) + 1, Status: 200, Success: true}
		if i%3 == 0 {
			a.Success, a.Status = false, 401
			a.Fail = &detectors.Failure{Verdict: rules.Verdict{Cause: rules.ExpiredToken}}
		}
		a.Line = int64(i + 1)
		tr.Observe(a, func(detectors.Finding) {})
	}
	tr.Flush(func(detectors.Finding) {})
	whole := s.Data
	if len(tr.routes.slots) == 0 {
		t.Fatal("nothing to remember")
	}
	for n := 0; n < len(whole); n += 1 + len(whole)/100 {
		if tr := New(Config{State: &State{Key: key, Data: whole[:n]}}, nil).(*Tracker); len(tr.routes.slots) != 0 {
			t.Fatalf("%d of %d bytes are taken for a state", n, len(whole))
		}
	}
	again := &State{Key: key, Data: whole}
	New(Config{State: again}, nil).Flush(func(detectors.Finding) {})
	if string(again.Data) != string(whole) {
		t.Error("a state that was taken back is another")
	}
}
