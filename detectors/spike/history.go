package spike

import (
	"slices"
	"time"
)

// A history is what was usual at each hour of the day (UTC) on the latest days:
// sources that never got in and failed, and logins. An hour of an alarm isn't kept.
type history struct {
	Hours [24][historyDays]hourOf
}

type hourOf struct {
	Day    int32 // since 1970; 0 is none
	Fresh  int32
	Logins int32
}

const (
	historyDays  = 14
	historyLeast = 3 // days, before an hour's history counts
)

// add keeps one whole hour in the place of the oldest.
func (h *history) add(at int64, fresh, logins int) {
	days := &h.Hours[hourOfDay(at)]
	day := int32(at / (24 * hour))
	oldest := 0
	for i := range days {
		if days[i].Day == day {
			oldest = i
			break
		}
		if days[i].Day < days[oldest].Day {
			oldest = i
		}
	}
	days[oldest] = hourOf{day, int32(fresh), int32(logins)}
}

// usual returns how many failing strangers a second this hour had on other days: the
// median, and 0 where too few days are known.
func (h *history) usual(at int64) float64 {
	var seen [historyDays]int32
	n := 0
	for _, d := range h.Hours[hourOfDay(at)] {
		if d.Day != 0 {
			seen[n] = d.Fresh
			n++
		}
	}
	if n < historyLeast {
		return 0
	}
	slices.Sort(seen[:n])
	return float64(seen[n/2]) / 3600
}

func hourOfDay(at int64) int { return time.Unix(0, at).UTC().Hour() }
