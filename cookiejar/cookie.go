package cookiejar

import (
	"time"

	"github.com/larder-go/larder/secret"
)

// Cookie is one cookie as a jar keeps it (RFC 6265bis §5.7), as plain data. Its value is a secret to every printer.
type Cookie struct {
	Name     string      `doc:"name"`
	Value    secret.Text `doc:"value"`
	Domain   string      `doc:"domain"`              // canonical host, without a leading dot
	HostOnly bool        `doc:"host_only"`           // sent to Domain alone, not to its subdomains
	Path     string      `doc:"path"`                //
	Secure   bool        `doc:"secure,omitempty"`    //
	HTTPOnly bool        `doc:"http_only,omitempty"` //
	SameSite string      `doc:"same_site,omitempty"` // "Strict", "Lax", "None" or nothing, as the origin said
	Expires  time.Time   `doc:"expires,omitempty"`   // zero: a session cookie, which a saved session keeps
	Created  time.Time   `doc:"created"`             //
	Updated  time.Time   `doc:"updated"`             // when it was last set
	// LastAccess is when it was last set or sent. Of too many cookies those go first that lay idle longest.
	LastAccess time.Time `doc:"last_access,omitempty"`
	// Partition is the key of a partitioned cookie (CHIPS): the site it was set under. Empty: not partitioned.
	Partition string `doc:"partition,omitempty"`
}

// expired reports whether the cookie is of no use at now.
func (c *Cookie) expired(now time.Time) bool { return !c.Expires.IsZero() && !c.Expires.After(now) }

// id is what makes two cookies the same one.
func (c *Cookie) id() id { return id{c.Domain, c.Path, c.Name, c.Partition, c.HostOnly} }

type id struct {
	domain, path, name, partition string
	hostOnly                      bool
}
