package monitor

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"why401/internal/report"
	"why401/rules"
)

// maxLabels bounds the sources that have series of their own; the others are added
// up under the name "others".
const maxLabels = 100

// WriteMetrics writes the text format of Prometheus (version 0.0.4).
func (s *Snapshot) WriteMetrics(w io.Writer) error {
	x := exposition{bufio.NewWriter(w)}
	x.one("why401_start_time_seconds", "gauge", "When this run began.", seconds(s.Started))
	x.one("why401_alive_time_seconds", "gauge", "When the reading of logs last showed that it goes on.", seconds(s.Seen))
	x.one("why401_bytes_total", "counter", "Bytes read.", float64(s.Bytes))
	x.one("why401_lines_total", "counter", "Lines read.", float64(s.Lines))
	x.one("why401_records_total", "counter", "Entries read.", float64(s.Records))
	x.one("why401_unparsed_records_total", "counter", "Entries that fit no format.", float64(s.Unparsed))
	x.head("why401_failures_total", "counter", "Refused requests, by cause.")
	for c := range rules.Cause(rules.NumCauses) {
		if c != rules.None && c != rules.BenignChallenge {
			x.value("why401_failures_total", float64(s.Failures[c]), "cause", c.String())
		}
	}
	x.one("why401_benign_challenges_total", "counter", "401s that belong to the protocol.", float64(s.Benign))
	s.attacks(x)
	x.head("why401_leaks_total", "counter", "Credentials found in logs, by severity.")
	for _, v := range report.Severities {
		x.value("why401_leaks_total", float64(s.Leaks[v]), "severity", string(v))
	}
	s.health(x)
	x.head("why401_alerts_sent_total", "counter", "Alerts that a target took.")
	for _, name := range slices.Sorted(maps.Keys(s.Alerts)) {
		x.value("why401_alerts_sent_total", float64(s.Alerts[name].Sent), "target", name)
	}
	x.head("why401_alerts_dropped_total", "counter", "Alerts that were lost: refused, or without room in the queue.")
	for _, name := range slices.Sorted(maps.Keys(s.Alerts)) {
		x.value("why401_alerts_dropped_total", float64(s.Alerts[name].Dropped), "target", name)
	}
	x.head("why401_alerts_waiting", "gauge", "Alerts that wait to be sent.")
	for _, name := range slices.Sorted(maps.Keys(s.Alerts)) {
		x.value("why401_alerts_waiting", float64(s.Alerts[name].Waiting), "target", name)
	}
	x.process()
	return x.w.Flush()
}

func (s *Snapshot) attacks(x exposition) {
	open := map[string]int{}
	for _, f := range s.Campaigns {
		open[f.Kind]++
	}
	x.head("why401_spikes_total", "counter", "Campaigns, outages and broken clients seen, by kind.")
	for _, kind := range report.SpikeKinds {
		x.value("why401_spikes_total", float64(s.Spikes[kind]), "kind", kind)
	}
	x.head("why401_spikes_open", "gauge", "Campaigns, outages and broken clients under way, by kind.")
	for _, kind := range report.SpikeKinds {
		x.value("why401_spikes_open", float64(open[kind]), "kind", kind)
	}
	x.one("why401_compromised_users_total", "counter", "Accounts that attackers got into.", float64(s.Accounts))
}

// health writes the figures of the sources.
func (s *Snapshot) health(x exposition) {
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
		x.head(m.name, m.kind, m.help)
		for i := range list {
			if n, ok := m.of(&list[i]); ok {
				x.value(m.name, n, "source", list[i].Name)
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

// An exposition is a page of metrics.
type exposition struct{ w *bufio.Writer }

func (x exposition) head(name, kind, help string) {
	_, _ = fmt.Fprintf(x.w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// escapes are those of label values.
var escapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

func (x exposition) value(name string, n float64, label, value string) {
	_, _ = fmt.Fprintf(x.w, "%s{%s=\"%s\"} %s\n", name, label, escapes.Replace(report.Clean(value)), strconv.FormatFloat(n, 'f', -1, 64))
}

func (x exposition) one(name, kind, help string, n float64) {
	x.head(name, kind, help)
	_, _ = fmt.Fprintf(x.w, "%s %s\n", name, strconv.FormatFloat(n, 'f', -1, 64))
}

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
