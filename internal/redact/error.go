package redact

import "net/url"

// Error takes secrets out of the address that net/http puts into its errors.
func Error(err error) error {
	if e, ok := err.(*url.Error); ok {
		c := *e
		c.URL = RawURL(e.URL)
		return &c
	}
	return err
}
