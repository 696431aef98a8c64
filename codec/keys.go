package codec

import (
	"fmt"
)

// KeySource gives the keys that stages ask for by name. It is safe for concurrent use. A key it does not have is an
// error that says how to give it.
type KeySource interface {
	Key(name string) ([]byte, error)
}

// Keys is a KeySource of keys that are there already. It shows no key to any printer.
func Keys(keys map[string][]byte) KeySource {
	return keyFunc(func(name string) ([]byte, error) {
		if k, ok := keys[name]; ok {
			return k, nil
		}
		return nil, fmt.Errorf("codec: no key named %q was given", name)
	})
}

type keyFunc func(string) ([]byte, error)

func (f keyFunc) Key(name string) ([]byte, error) { return f(name) }
