package parsers

// A Fingerprint is what a client's software gives away besides the name that it
// claims in User-Agent: how it opens a connection and words a request. It changes with
// the program, not with the user.
type Fingerprint struct {
	Kind  FingerprintKind
	Value []byte // as logged; of several parts joined by spaces, "-" for one that the entry lacks
}

// FingerprintKind says what a Fingerprint was made of, from what tells most to what
// tells least. An entry's first one counts.
type FingerprintKind uint8

const (
	NoFingerprint         FingerprintKind = iota
	JA4                                   // of the TLS ClientHello (https://github.com/FoxIO-LLC/ja4), the same for each connection of a program
	JA3N                                  // JA3 with its extensions in order
	JA3                                   // of the TLS ClientHello (https://github.com/salesforce/ja3); browsers that shuffle their extensions have another each time
	HASSH                                 // of SSH's key exchange (https://github.com/salesforce/hassh)
	HTTPFingerprint                       // of HTTP/2's settings, or of the order of headers
	DeviceFingerprint                     // that the product made by itself
	ConnectionFingerprint                 // TLS version, cipher, Accept-Language, Accept-Encoding and HTTP version, as far as logged
)

// String names the kind as sentences do: "the JA3 fingerprint".
func (k FingerprintKind) String() string {
	return [...]string{"", "JA4", "JA3N", "JA3", "HASSH", "HTTP", "device", "connection"}[k]
}

// maxFingerprint bounds a value: JA3's text before it is hashed has some hundred bytes.
const maxFingerprint = 1024

// setFingerprint sets Fingerprint, unless the entry has one that tells more.
func (r *Record) setFingerprint(k FingerprintKind, v []byte) {
	if !isNothing(v) && (r.Fingerprint.Kind == NoFingerprint || k < r.Fingerprint.Kind) {
		r.Fingerprint = Fingerprint{k, v[:min(len(v), maxFingerprint)]}
	}
}

// fingerprintOf is the kind that a field holds, from fJA4 to fDevicePrint.
func fingerprintOf(f field) FingerprintKind { return FingerprintKind(f-fJA4) + JA4 }

const numTraits = int(fHTTPVersion - fTLSVersion + 1)

// trait keeps what a field from fTLSVersion to fHTTPVersion says.
func (w *jsonWalk) trait(f field, v []byte) bool {
	if isNothing(v) || f == fHTTPVersion && v[0]|0x20 != 'h' && v[0]-'1' > 2 || len(v) > maxFingerprint/numTraits {
		return false
	}
	w.traits[f-fTLSVersion] = v
	return true
}

// fingerprint joins an entry's traits where nothing better was logged. An HTTP version
// alone is none.
func (w *jsonWalk) fingerprint(r *Record, s *Scratch) {
	best := w.best[fTLSVersion : fHTTPVersion+1]
	if best[0]|best[1]|best[2]|best[3] == 0 || r.Fingerprint.Kind != NoFingerprint {
		return
	}
	for i := range best {
		if best[i] == 0 {
			w.traits[i] = noTrait
		}
	}
	r.Fingerprint = Fingerprint{ConnectionFingerprint, s.join(" ", w.traits[:]...)}
}

var noTrait = []byte("-")
