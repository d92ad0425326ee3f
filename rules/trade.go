package rules

import "why401/parsers"

// Words of a text weigh for and against its being about who may enter. A word for
// what was refused, "token", "key", "session" or "signature", belongs to many
// trades: beside words of another one it needs the company of a word that only
// this trade has, or of somebody who asked.

// foreign reports whether the words at, by which a rule for cause goes, are another
// trade's. What failed for lack of a token may be of any trade: where the text says
// so first, only what it says why counts.
func (c *Classifier) foreign(r *parsers.Record, cause Cause, at span) bool {
	if r.Status >= 400 || len(r.Challenge) > 0 || r.Outcome == parsers.Failure {
		return false
	}
	const most = 4
	whole := span{0, c.hay.logger.to}
	in := whole
	if !worldly[cause] {
		in.from = c.reasonOf(at)
	}
	n := c.count(&c.set.texts, in, most)
	noun := c.count(&c.set.ours, at, 1) > 0
	if n < most && !noun {
		n += c.count(&c.set.goods, in, most-n)
	}
	own := c.count(&c.set.own, whole, 1) > 0
	asked := len(r.Client) > 0 || len(r.User) > 0 || len(r.Path) > 0 || len(r.RequestID) > 0
	if n == 0 {
		return cause != None && !own && !asked && routine(r.Level) && c.count(&c.set.ours, whole, 1) == 0
	}
	need := 1
	if asked || c.count(&c.set.actor, whole, 1) > 0 {
		need++
	}
	if own {
		need = 2
		if asked || c.hay.refused || c.count(&c.set.own, span{max(0, at.from-reach), at.to}, 1) > 0 {
			need = most
		}
	}
	if (cause == ExpiredToken || cause == RevokedToken) && c.hay.index("token", at.from, at.to) >= 0 {
		need++ // those of other trades do not expire
	}
	return n >= need
}

// reasonOf returns where the last part of the text begins that says why and holds
// the words at, if something before it says that something failed; else 0.
func (c *Classifier) reasonOf(at span) int {
	for _, why := range c.hay.whys[:c.hay.numWhy] {
		if why.from <= at.from && at.to <= why.to {
			if c.count(&c.set.refusal, span{0, why.from}, 1) > 0 || c.hay.index("fail", 0, why.from) >= 0 {
				return why.from
			}
			return 0
		}
	}
	return 0
}

// count counts which of a condition's patterns stand in a part of the text, up to most.
func (c *Classifier) count(cond *cond, in span, most int) (n int) {
	for i := cond.next(c.hay, 0); i >= 0 && n < most; i = cond.next(c.hay, i+1) {
		if _, ok := cond.patterns[i].find(c.hay, in); ok {
			n++
		}
	}
	return n
}

var ownWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"authen", "authori", "oauth", "auth ", "auth/", "auth:", "auth.", "unauth", "login", "logon", "log in", "logged in", "logged out", "sign in",
	"signin", "signed in", "sign on", "signon", "passw", "passphrase", "credential", "jwt", "jws", "jwe", "jose", "bearer", "csrf", "xsrf",
	"oidc", "openid", "saml", "sso", "ldap", "kerberos", "krb", "gssapi", "spnego", "ntlm", "mfa", "otp", "totp", "2 fa", "two factor",
	"second factor", "api key", "access key", "access token", "refresh token", "id token", "session token", "jwks", "kid", "iat", "nbf", "cookie",
	"access denied", "rbac", "sasl", "radius", "eap", "pam", "sudo", "ssh", "publickey", "hmac", "pkce", "redirect uri", "keytab", "htpasswd",
	"realm", "iam", "idp", "principal", "mtls", "signature verification", "code verifier", "code challenge", "starttls",
	"webhook", "callback", "portal",
}}

// oursWords are nouns that no other business has but those whose work is texts.
var oursWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"token", "passw", "login", "api key", "credential", "user", "account", "role", "permission", "session",
}}

var actorWords = Condition{Field: "keywords", Op: Contains, Values: []string{
	"user", "account", "client", "caller", "request", "tenant", "identity", "http", "member", "visitor", "admin", "permission", "role", "scope",
	"peer", "policy", "forbidden", "not allowed", "access",
}}

// textWords are those of trades whose work is texts and data: theirs are tokens, keys
// and sessions, too.
var textWords = Condition{Field: "keywords", Op: Words, Values: []string{
	// programs
	"variable", "function", "class", "symbol", "module", "package", "import", "export", "imported", "compile", "compiler", "syntax",
	"lexer", "grammar", "semicolon", "expression", "statement", "literal", "unused", "declared", "redeclared", "struct", "enum", "lint", "yaml",
	"toml", "xml", "csv", "regex", "template", "stylesheet", "css", "html", "font", "theme", "shader", "texture", "deprecated", "token stream",
	"test", "tests", "assertions", "changeset", "rendering", "filter",
	// data
	"row", "rows", "column", "columns", "table", "tables", "schema", "index", "migration", "migrating", "foreign key", "primary key",
	"partition", "shard", "replica", "dataset", "batch", "sample", "samples", "importer", "etl", "spreadsheet", "cell", "append", "report", "cache",
	// language models
	"tokenizer", "tokenize", "vocabulary", "vocab", "embedding", "embeddings", "prompt", "llm", "tensor", "epoch", "inference", "eos", "bos",
	"corpus", "unk", "state dict",
	// chains
	"block", "blockchain", "hash chain", "mempool", "transaction", "transactions", "txn", "txns", "tx", "miner", "validator", "wallet", "vote",
	// media and games
	"video", "audio", "codec", "frame", "decoder", "image", "avatar", "widget", "sound", "sprite", "plugin",
	// meetings, members of a cluster
	"exam", "quiz", "conference", "meeting", "speaker", "recording", "rebalance", "identifier", "consumer", "producer", "heartbeat", "lease", "leader", "quorum", "coordinator", "joining",
}}

// goodsWords are those of trades with goods and machines.
var goodsWords = Condition{Field: "keywords", Op: Words, Values: []string{
	// business
	"deductible", "insurance", "invoice", "order", "cart", "coupon", "discount", "refund", "stock", "inventory", "shipment",
	"shipping", "parcel", "delivery", "courier", "depot", "customs", "tariff", "warehouse", "payment", "cheque", "loan", "mandate", "iban",
	"settlement", "ledger", "booking", "reservation", "passenger", "boarding", "flight", "seat", "hotel", "visa", "patient", "hospital",
	"prescription", "pharmacy", "specimen", "student", "course", "enrolment", "campaign",
	"segment", "contract", "timesheet", "vendor", "supplier", "slip", "receipt", "appointment", "calendar", "newsletter", "survey", "voucher",
	"top up", "license", "licence", "mail", "transfer", "debit", "bond", "bank", "fare", "ballot", "quota", "parking",
	// machines
	"kernel", "disk", "volume", "filesystem", "mount", "inode", "sector", "pool", "firmware", "sensor", "gpu", "cpu", "memory", "vlan", "bgp",
	"dhcp", "dns", "dnssec", "dkim", "zone", "raft", "offset", "snapshot", "backup",
	"cron", "scheduler", "election", "checkpoint", "backlog",
}}
