package spike

import (
	"bytes"
	"fmt"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// TestWhatComesEveryDay has strangers give up at the same hour of each day. They alarm
// until that is known for usual, with the state of the days before; what comes at
// another hour does still.
func TestWhatComesEveryDay(t *testing.T) {
	const days = 9
	d := newDay(true)
	for day := range days {
		d.customers(float64(day)*24, 24, 3)
		for i := range 40 {
			at := float64(day)*86400 + 18*3600 + float64(i)*55
			d.login(at, rented(day*40+i), fmt.Sprint("cust", d.rng.IntN(3000)), rules.BadCredentials, "")
			d.login(at+9, rented(day*40+i), fmt.Sprint("cust", d.rng.IntN(3000)), rules.BadCredentials, "")
		}
	}
	for i := range 120 {
		d.login(8*86400+13*3600+float64(i)*30, rented(10000+i), fmt.Sprint("listed", i), rules.BadCredentials, "")
	}
	got := map[int]int{} // by hour since the start
	report := func(f detectors.Finding) {
		if f := f.(*detectors.SpikeFinding); f.Phase == "closed" {
			got[int(f.Start.Sub(dayStart).Hours())]++
		}
	}
	cfg := Config{Key: testKey("")}
	tr, today := New(cfg), 0
	for i, a := range d.sorted() {
		if day := int((a.Time - dayStart.UnixNano()) / (24 * hour)); day != today { // every night
			var b bytes.Buffer
			if err := tr.Save(&b); err != nil {
				t.Fatal(err)
			}
			tr, today = New(cfg), day
			if err := tr.Restore(&b); err != nil {
				t.Fatal(err)
			}
		}
		tr.Observe(&d.attempts[i], report)
	}
	tr.Flush(report)
	late := 0
	for day := range days {
		if day >= historyAlarm && got[day*24+18] > 0 {
			late++
		}
	}
	if got[18] == 0 || late > 0 || got[8*24+13] != 1 {
		t.Errorf("alarms by hour: %v", got)
	}
}
