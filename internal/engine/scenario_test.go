package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"why401/detectors"
)

// A scenario is how a product writes refused tries at a login, and one that works:
// testdata/scenarios.txt. It holds
//
//	=== product
//	- the line of a try by kim from 203.0.113.7 that is refused
//	& a further line that the same try leaves
//	+ a line of one that works
//
// where <...> is a time in Go's layout, or <unix>. Each "-" is a log of its own.
type scenario struct {
	product string
	try     []string
	works   []string
}

func scenarios(t *testing.T) (all []scenario) {
	file, err := os.ReadFile("../../testdata/scenarios.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, section := range strings.Split("\n"+string(file), "\n=== ")[1:] {
		product, body, _ := strings.Cut(section, "\n")
		first := len(all)
		var works []string
		for line := range strings.Lines(body) {
			line = strings.TrimSuffix(line, "\n")
			switch rest := line[min(2, len(line)):]; {
			case strings.HasPrefix(line, "- "):
				all = append(all, scenario{product: product, try: []string{rest}})
			case strings.HasPrefix(line, "& ") && len(all) > first:
				s := &all[len(all)-1]
				s.try = append(s.try, rest)
			case strings.HasPrefix(line, "+ "):
				works = append(works, rest)
			case line != "":
				t.Fatalf("%s: %q", product, line)
			}
		}
		for i := first; i < len(all); i++ {
			all[i].works = works
		}
	}
	return all
}

// noLogin is the scenario of requests that may have offered nothing: only their pace
// tells them from a machine that asks how things are.
const noLogin = "nginx, requests without a name"

// A tries is a log being written.
type tries struct {
	lines []string
}

var (
	scenarioStart = time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)
	scenarioTime  = regexp.MustCompile(`<(unix|[^<>]*(?:04:05|0405|2006-01-02)[^<>]*)>`)
	scenarioName  = regexp.MustCompile(`\bkim\b`)
)

func (s *tries) put(lines []string, sec int, name, address string) {
	at := scenarioStart.Add(time.Duration(sec) * time.Second)
	for _, l := range lines {
		l = scenarioTime.ReplaceAllStringFunc(l, func(layout string) string {
			if layout == "<unix>" {
				return strconv.FormatInt(at.Unix(), 10)
			}
			return at.Format(layout[1 : len(layout)-1])
		})
		l = strings.ReplaceAll(l, "203.0.113.7", address)
		s.lines = append(s.lines, scenarioName.ReplaceAllString(l, name))
	}
}

// spikes runs a report over the log.
func (s *tries) spikes(t *testing.T) (found []*detectors.SpikeFinding) {
	name := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(name, []byte(strings.Join(s.lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	end := scenarioStart.AddDate(0, 0, 3).Add(6 * time.Hour) // lines without a date are of the file's
	if err := os.Chtimes(name, end, end); err != nil {
		t.Fatal(err)
	}
	logs, _ := Open([]string{name}, nil)
	got := &kept{}
	if _, err := Run(context.Background(), logs, Config{Mode: Report, Workers: 1}, got); err != nil {
		t.Fatal(err)
	}
	for _, f := range got.findings {
		if strings.HasPrefix(f, `{"type":"spike"`) {
			one := &detectors.SpikeFinding{}
			if err := json.Unmarshal([]byte(f), one); err != nil {
				t.Fatal(err)
			}
			found = append(found, one)
		}
	}
	return found
}

var tried = strings.Fields("oracle postgres backup ftpuser jenkins ubuntu nagios minecraft")

// Products' logs of an attack as small as other tools count, and of people.
func TestScenarios(t *testing.T) {
	attacks := map[string]func(s *tries, x *scenario){
		"one name, six in half a minute": func(s *tries, x *scenario) {
			for i := range 6 {
				s.put(x.try, 4*i+i%3, "root", "203.0.113.7")
			}
		},
		"one name, five in ten minutes": func(s *tries, x *scenario) {
			for i := range 5 {
				s.put(x.try, 110*i+7*(i%3), "root", "203.0.113.7")
			}
		},
		"a name a try, six in half a minute": func(s *tries, x *scenario) {
			for i := range 6 {
				s.put(x.try, 4*i+i%3, tried[i], "203.0.113.7")
			}
		},
		"two tries at each of three names": func(s *tries, x *scenario) {
			for i := range 6 {
				s.put(x.try, 4*i+i%3, tried[i/2], "203.0.113.7")
			}
		},
		"one name, once a second": func(s *tries, x *scenario) {
			for i := range 6 {
				s.put(x.try, i, "root", "203.0.113.7")
			}
		},
		"on the next day": func(s *tries, x *scenario) {
			for i := range 6 {
				s.put(x.try, 3*i, "root", "203.0.113.9")
			}
			for i := range 6 {
				s.put(x.try, 86400+3*i, "root", "203.0.113.7")
			}
		},
		"names that are numbered": func(s *tries, x *scenario) {
			for i := range 7 {
				s.put(x.try, 4*i+i%3, fmt.Sprint("test", i), "203.0.113.7")
			}
		},
	}
	people := map[string]func(s *tries, x *scenario){
		"mistypers": func(s *tries, x *scenario) {
			s.put(x.try, 0, "ada", "198.51.100.20")
			s.put(x.try, 12, "ada", "198.51.100.20")
			s.put(x.works, 30, "ada", "198.51.100.20")
			s.put(x.try, 4000, "ben", "198.51.100.30")
			s.put(x.try, 9000, "cleo", "198.51.100.40")
			s.put(x.try, 9015, "cleo", "198.51.100.40")
			s.put(x.try, 9040, "cleo", "198.51.100.40")
		},
		"far apart": func(s *tries, x *scenario) {
			for i := range 6 {
				s.put(x.try, i*10000, "ada", "198.51.100.20")
			}
		},
	}
	for i, x := range scenarios(t) {
		t.Run(fmt.Sprint(x.product, "/", i), func(t *testing.T) {
			for name, write := range attacks {
				if x.product == noLogin && strings.Contains(name, "ten minutes") {
					continue
				}
				var s tries
				write(&s, &x)
				if !slices.ContainsFunc(s.spikes(t), func(f *detectors.SpikeFinding) bool { return slices.Contains(f.SourceIPs, "203.0.113.7") }) {
					t.Errorf("%s: not told: %s", name, s.lines[0])
				}
			}
			for name, write := range people {
				var s tries
				write(&s, &x)
				if f := s.spikes(t); len(f) > 0 {
					t.Errorf("%s: %s of %d tries: %s", name, f[0].Kind, f[0].Attempts, s.lines[0])
				}
			}
		})
	}
}

// What a try leaves in a log counts once, and what syslog counted counts as often.
func TestTriesAreCountedAsMade(t *testing.T) {
	var s tries
	for i := range 3 {
		s.put([]string{
			"<Jan _2 15:04:05> gate sshd[812]: Invalid user kim from 203.0.113.7 port 50112",
			"<Jan _2 15:04:05> gate sshd[812]: pam_unix(sshd:auth): check pass; user unknown",
			"<Jan _2 15:04:05> gate sshd[812]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.7 ",
		}, 20*i, "oracle", "203.0.113.7")
		s.put([]string{
			"<Jan _2 15:04:05> gate sshd[812]: Failed password for invalid user kim from 203.0.113.7 port 50112 ssh2",
			"<Jan _2 15:04:05> gate sshd[812]: Connection closed by invalid user kim 203.0.113.7 port 50112 [preauth]",
		}, 20*i+2, "oracle", "203.0.113.7")
	}
	if f := s.spikes(t); len(f) != 0 {
		t.Errorf("three tries: %s of %d", f[0].Kind, f[0].Attempts)
	}
	s.put([]string{"<Jan _2 15:04:05> gate sshd[812]: message repeated 5 times: [ Failed password for invalid user kim from 203.0.113.7 port 50112 ssh2]"}, 60, "oracle", "203.0.113.7")
	if f := s.spikes(t); len(f) != 1 || f[0].Attempts != 8 {
		t.Errorf("eight tries: %v", f)
	}
}
