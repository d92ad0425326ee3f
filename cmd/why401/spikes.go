package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"why401/detectors/spike"
	"why401/internal/report"
	"why401/internal/settings"
)

// spiking are the flags of attacks.
type spiking struct {
	allow   []string
	memory  string
	banlist oneFile
	banFor  time.Duration
}

// A oneFile is the value of a flag that names a file and may stand once.
type oneFile struct {
	name  string
	times int
}

func (f *oneFile) Set(name string) error {
	if name == "" {
		return errors.New("it names no file")
	}
	f.name = name
	f.times++
	return nil
}

func (f *oneFile) String() string { return f.name }
func (f *oneFile) Type() string   { return "file" }

func (s *spiking) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&s.allow, "allow", nil, "`networks` that never count as a spike")
	f.StringVar(&s.memory, "memory", "64M", "at most this much `memory` for what is known of addresses and names, as 16M or 1G")
	f.Var(&s.banlist, "banlist", "write the addresses of attacks, behind which nobody else logs in, to this `file`: a line each, or nftables sets if it ends in .nft (or nft=path)")
	f.DurationVar(&s.banFor, "ban-for", 4*time.Hour, "keep an address in --banlist for so long after its attack's last try")
	settings.ByHand(f, "banlist")
}

// fill puts the flags into cfg.
func (s *spiking) fill(cfg *spike.Config) (err error) {
	if cfg.Allow, err = prefixes("allow", s.allow); err != nil {
		return err
	}
	if s.memory != "" {
		if cfg.Memory, err = parseMemory(s.memory); err != nil {
			return err
		}
	}
	if s.banlist.times > 1 {
		return hint(errors.New("--banlist stands more than once"), "one run writes one list")
	}
	cfg.Bans = s.banlist.name != ""
	if cfg.Bans && s.banFor < time.Second {
		return hint(errors.New("--ban-for is shorter than a second"), "write it as 30m or 24h")
	}
	return nil
}

// writer returns what writes the banlist, nil where none is asked for; say tells the user.
func (s *spiking) writer(say func(string, ...any)) (report.Writer, error) {
	if s.banlist.name == "" {
		return nil, nil
	}
	path, nft := s.banfile()
	layout := report.BanLines
	if nft {
		layout = report.BanSet
	}
	b := &report.Banlist{TTL: s.banFor, Now: time.Now, Layout: layout, Write: func(text []byte) error { return replaceFile(path, text) },
		Say: func(why string) { say("%s: %s", path, why) }}
	return b, b.Flush()
}

// banfile is the file that --banlist names, and whether it gets nftables sets.
func (s *spiking) banfile() (path string, nft bool) {
	if format, path, ok := strings.Cut(s.banlist.name, "="); ok && (format == "nft" || format == "lines") {
		return path, format == "nft"
	}
	return s.banlist.name, strings.EqualFold(filepath.Ext(s.banlist.name), ".nft")
}

// replaceFile puts text in the place of a file at once.
func replaceFile(path string, text []byte) error {
	f, err := createFile(path)
	if err != nil {
		return err
	}
	_, err = f.tmp.Write(text)
	return errors.Join(cannotWrite(path, err), f.close(err == nil))
}

// parseMemory reads a number of bytes with a unit.
func parseMemory(s string) (int64, error) {
	n, unit := int64(0), ""
	if _, err := fmt.Sscanf(s, "%d%s", &n, &unit); err != nil && unit == "" && n == 0 {
		unit = "?"
	}
	shift, ok := map[string]int{"K": 10, "M": 20, "G": 30}[strings.ToUpper(strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "i"))]
	if !ok || n < 1 || n > 1<<20 || n<<shift < 1<<20 {
		return 0, hint(fmt.Errorf("--memory: %q is no amount of memory from 1M on", s), "write it as 64M or 1G")
	}
	return n << shift, nil
}
