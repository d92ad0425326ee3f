package spike

import (
	"slices"
	"time"
)

// A history is what was usual at each hour of the day (UTC) on the latest days:
// sources that never got in and failed, and logins.
type history struct {
	Hours [24][historyDays]hourOf
}

type hourOf struct {
	Day    int32 // since 1970; 0 is none
	Fresh  int32
	Logins int32
	Alarm  bool // an alarm over the site was open
}

const (
	historyDays  = 14
	historyLeast = 3 // days without an alarm, before an hour's history counts
	historyAlarm = 5 // days, where each had one: what comes every day is usual
)

// add keeps one whole hour in the place of the oldest.
func (h *history) add(at int64, fresh, logins int, alarm bool) {
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
	days[oldest] = hourOf{day, int32(fresh), int32(logins), alarm}
}

// usual returns how many failing strangers a second this hour had on other days: the
// median of those without an alarm, else of all, and 0 where too few days are known.
func (h *history) usual(at int64) float64 {
	var calm, all []int32
	for _, d := range h.Hours[hourOfDay(at)] {
		if d.Day == 0 {
			continue
		}
		if all = append(all, d.Fresh); !d.Alarm {
			calm = append(calm, d.Fresh)
		}
	}
	if len(calm) < historyLeast {
		if calm = all; len(calm) < historyAlarm {
			return 0
		}
	}
	slices.Sort(calm)
	return float64(calm[len(calm)/2]) / 3600
}

func hourOfDay(at int64) int { return time.Unix(0, at).UTC().Hour() }
