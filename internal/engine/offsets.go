package engine

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"why401/parsers"
	"why401/rules"
)

// Logs of one site whose times differ all along, as one is in local time or its host's
// clock is wrong, show it by the ids of requests that several have, and by the names of
// who came once. Their beginnings tell before the run by how much, so that everything in
// it can go by one time.
const (
	sampleBytes = 64 << 10               // that are read of each log
	fewShared   = 5                      // ids in two logs, to believe them
	inStep      = int64(2 * time.Second) // within which times may differ, and differences
	wrongClock  = int64(time.Hour + 5*time.Minute)
	wrongZone   = int64(26 * time.Hour)   // between the ends of the world
	quarter     = int64(15 * time.Minute) // zones are whole ones apart
)

// An Offset is by how much the times of a log were taken back to those of another.
type Offset struct {
	Ahead time.Duration // 0 where they were taken as they are
	Of    string        // the other log
	Zone  string        // "+01:00", where that is why; then only times without one were
}

// A sample is what the beginning of a log shows.
type sample struct {
	first    int64            // time of the first record that has one, 0 where none has
	ids      map[string]int64 // of requests and traces, and names that weren't refused, and when they came; 0 where that is more than once
	zoneless bool             // the last time had no zone
	east     int64            // and was taken for that of one so far east of Greenwich
	clients  int              // 2 where some of their addresses are public, 1 where all are private, 0 where it has none
}

// sampleOf reads the beginning of a log; what can't be read twice shows nothing.
func sampleOf(log *Log, cfg *Config) (s sample) {
	if log.Name == "-" || log.Program != nil {
		return s
	}
	in, err := log.open()
	if err != nil {
		return s
	}
	defer in.Close()
	if in.stream {
		return s
	}
	s.ids = map[string]int64{}
	labels := rules.NewClassifier(cfg.Rules)
	source := &parsers.Source{Name: log.Name, ModTime: in.modTime}
	var b parsers.Block
	if _, ok := log.cutter(in, source, sampleBytes).next(&b, nil); ok {
		parsers.NewReader(cfg.Parse).Each(&b, func(r *parsers.Record) { s.add(r, cfg.Parse.Zone, labels) })
	}
	return s
}

func (s *sample) add(r *parsers.Record, zone *time.Location, labels *rules.Classifier) {
	if r.Time == 0 {
		return
	}
	if s.first == 0 {
		s.first = r.Time
	}
	if s.zoneless = r.Assumed&parsers.AssumedZone != 0; s.zoneless && zone != nil {
		_, east := time.Unix(0, r.Time).In(zone).Zone()
		s.east = int64(east) * int64(time.Second)
	}
	if s.clients < 2 && len(r.Client) > 0 {
		if ip, err := netip.ParseAddr(string(r.Client)); err == nil && !ip.IsPrivate() && !ip.IsLoopback() {
			s.clients = 2
		} else {
			s.clients = 1
		}
	}
	name := r.User
	if len(name) > 0 {
		var v rules.Verdict
		if labels.Classify(r, &v); v.Cause != rules.None {
			name = nil // one attacker may try the same names here and there, at his pace
		}
	}
	for _, id := range [...][]byte{r.RequestID, r.TraceID, name} {
		if len(id) == 0 {
			continue
		}
		if at, known := s.ids[string(id)]; !known {
			s.ids[string(id)] = r.Time
		} else if max(r.Time-at, at-r.Time) > inStep {
			s.ids[string(id)] = 0 // it is no request's own
		}
	}
}

// offsets returns what has to be taken from the times of each log.
func offsets(logs []Log, samples []sample) []Offset {
	all := make([]Offset, len(logs))
	beside := besides(samples)
	order := make([]int, len(logs))
	for i := range order {
		order[i] = i
	}
	agree := func(i int) (n int) {
		for _, by := range beside[i] {
			if max(by, -by) <= inStep {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(order, func(i, j int) int { // whose time is believed first: with those that share no ids, the outer hops agree
		a, b := &samples[i], &samples[j]
		if a.zoneless != b.zoneless {
			if a.zoneless {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(agree(j), agree(i)), cmp.Compare(b.clients, a.clients))
	})
	seen := make([]bool, len(logs))
	for _, root := range order {
		if seen[root] {
			continue
		}
		seen[root] = true
		for next := []int{root}; len(next) > 0; next = next[1:] {
			i := next[0]
			for _, j := range order {
				by, known := beside[i][j]
				if !known || seen[j] {
					continue
				}
				seen[j] = true
				all[j] = offset(&samples[j], by+int64(all[i].Ahead), logs[root].Name)
				next = append(next, j)
			}
		}
	}
	return all
}

// offset says what to do with a log that is ahead of another.
func offset(s *sample, ahead int64, of string) (o Offset) {
	far := max(ahead, -ahead)
	zone := (ahead+quarter/2+1000*quarter)/quarter*quarter - 1000*quarter
	switch {
	case far <= inStep:
	case s.zoneless && zone != 0 && max(ahead-zone, zone-ahead) <= inStep && far <= wrongZone:
		east, sign := s.east+zone, '+'
		if east < 0 {
			east, sign = -east, '-'
		}
		o.Zone = fmt.Sprintf("%c%02d:%02d", sign, east/int64(time.Hour), east/int64(time.Minute)%60)
		o.Ahead, o.Of = time.Duration(zone), of
	case far <= wrongClock:
		o.Ahead, o.Of = time.Duration(ahead), of
	}
	return o
}

// besides tells of each log by how much those are ahead of it that it shares ids with.
func besides(samples []sample) []map[int]int64 {
	type place struct {
		log int
		at  int64
	}
	by := map[string][]place{}
	apart := map[[2]int][]int64{}
	for i := range samples {
		for id, at := range samples[i].ids {
			if at == 0 {
				continue
			}
			for _, o := range by[id] {
				k := [2]int{o.log, i}
				apart[k] = append(apart[k], at-o.at)
			}
			if len(by[id]) < 8 {
				by[id] = append(by[id], place{i, at})
			}
		}
	}
	beside := make([]map[int]int64, len(samples))
	for i := range beside {
		beside[i] = map[int]int64{}
	}
	for k, d := range apart {
		slices.Sort(d)
		if n := len(d); n >= fewShared && d[n*7/8]-d[n/8] <= inStep {
			beside[k[0]][k[1]], beside[k[1]][k[0]] = d[n/2], -d[n/2]
		}
	}
	return beside
}

// String tells what was done, and what to do.
func (o *Offset) String() string {
	if o.Zone != "" {
		return fmt.Sprintf("times without a zone were taken as %s, as ids and names shared with %s show; --timezone names another", o.Zone, o.Of)
	}
	by, words := o.Ahead, "ahead of"
	if by < 0 {
		by, words = -by, "behind"
	}
	return fmt.Sprintf("%s %s %s, as ids and names shared with it show, and read as if it weren't: set the clocks right", by.Round(time.Second), words, o.Of)
}
