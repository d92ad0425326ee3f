package monitor

import (
	"io"
	"maps"
	"slices"
	"time"

	"why401/internal/report"
	"why401/rules"
)

// maxLabels bounds the sources that have series of their own; the others are added
// up under the name "others".
const maxLabels = 100

// WriteMetrics writes the text format of Prometheus (version 0.0.4).
func (s *Snapshot) WriteMetrics(w io.Writer) error {
	x := report.NewExposition(w)
	x.Single("why401_start_time_seconds", "gauge", "When this run began.", seconds(s.Started))
	x.Single("why401_alive_time_seconds", "gauge", "When the reading of logs last showed that it goes on.", seconds(s.Seen))
	x.Single("why401_bytes_total", "counter", "Bytes read.", float64(s.Bytes))
	x.Single("why401_lines_total", "counter", "Lines read.", float64(s.Lines))
	x.Single("why401_records_total", "counter", "Entries read.", float64(s.Records))
	x.Single("why401_unparsed_records_total", "counter", "Entries that fit no format.", float64(s.Unparsed))
	x.Head("why401_failures_total", "counter", "Refused requests, by cause.")
	for c := range rules.Cause(rules.NumCauses) {
		if c != rules.None && c != rules.BenignChallenge {
			x.Value("why401_failures_total", "cause", c.String(), float64(s.Failures[c]))
		}
	}
	x.Single("why401_benign_challenges_total", "counter", "401s that belong to the protocol.", float64(s.Benign))
	s.attacks(x)
	x.Head("why401_leaks_total", "counter", "Credentials found in logs, by severity.")
	for _, v := range report.Severities {
		x.Value("why401_leaks_total", "severity", string(v), float64(s.Leaks[v]))
	}
	s.health(x)
	x.Head("why401_alerts_sent_total", "counter", "Alerts that a target took.")
	for _, name := range slices.Sorted(maps.Keys(s.Alerts)) {
		x.Value("why401_alerts_sent_total", "target", name, float64(s.Alerts[name].Sent))
	}
	x.Head("why401_alerts_dropped_total", "counter", "Alerts that were lost: refused, or without room in the queue.")
	for _, name := range slices.Sorted(maps.Keys(s.Alerts)) {
		x.Value("why401_alerts_dropped_total", "target", name, float64(s.Alerts[name].Dropped))
	}
	x.Head("why401_alerts_waiting", "gauge", "Alerts that wait to be sent.")
	for _, name := range slices.Sorted(maps.Keys(s.Alerts)) {
		x.Value("why401_alerts_waiting", "target", name, float64(s.Alerts[name].Waiting))
	}
	process(x)
	return x.Flush()
}

func (s *Snapshot) attacks(x report.Exposition) {
	open := map[string]int{}
	for _, f := range s.Campaigns {
		open[f.Kind]++
	}
	x.Head("why401_spikes_total", "counter", "Campaigns, outages and broken clients seen, by kind.")
	for _, kind := range report.SpikeKinds {
		x.Value("why401_spikes_total", "kind", kind, float64(s.Spikes[kind]))
	}
	x.Head("why401_spikes_open", "gauge", "Campaigns, outages and broken clients under way, by kind.")
	for _, kind := range report.SpikeKinds {
		x.Value("why401_spikes_open", "kind", kind, float64(open[kind]))
	}
	x.Single("why401_compromised_users_total", "counter", "Accounts that attackers got into.", float64(s.Accounts))
}

// health writes the figures of the sources.
func (s *Snapshot) health(x report.Exposition) {
	list := s.Sources[:min(len(s.Sources), maxLabels)]
	others := Source{}
	others.Name = "others"
	for _, src := range s.Sources[len(list):] {
		others.Unread += src.Unread
		others.Lines += src.Lines
		others.Unparsed += src.Unparsed
		if src.Problem != "" {
			others.Problem = src.Problem
		}
	}
	if len(s.Sources) > len(list) {
		list = append(slices.Clone(list), others)
	}
	for _, m := range []struct {
		name, kind, help string
		of               func(*Source) (float64, bool)
	}{
		{"why401_source_up", "gauge", "Whether a source can be read.", func(s *Source) (float64, bool) { return truth(s.Problem == ""), true }},
		{"why401_source_unread_bytes", "gauge", "Bytes of a source that were written and not read yet.", func(s *Source) (float64, bool) { return float64(s.Unread), true }},
		{"why401_source_lines_total", "counter", "Lines read of a source.", func(s *Source) (float64, bool) { return float64(s.Lines), true }},
		{"why401_source_unparsed_records_total", "counter", "Entries of a source that fit no format.", func(s *Source) (float64, bool) { return float64(s.Unparsed), true }},
		{"why401_source_last_record_time_seconds", "gauge", "Time of the latest entry of a source.", func(s *Source) (float64, bool) { return seconds(s.Last), !s.Last.IsZero() }},
	} {
		x.Head(m.name, m.kind, m.help)
		for i := range list {
			if n, ok := m.of(&list[i]); ok {
				x.Value(m.name, "source", list[i].Name, n)
			}
		}
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// Problems says what keeps the run from reading every source, nothing if all is
// well. A run that hasn't been heard of for as long as late stands still.
func (s *Snapshot) Problems(now time.Time, late time.Duration) (list []string) {
	if d := now.Sub(s.Seen); d > late {
		list = append(list, "the reading of logs has stood still for "+d.Round(time.Second).String())
	}
	for i := range s.Sources {
		if p := s.Sources[i].Problem; p != "" {
			list = append(list, report.Clean(s.Sources[i].Name)+" "+p)
		}
	}
	return list
}

var _ report.Writer = (*State)(nil)
