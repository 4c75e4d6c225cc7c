# SPDX-License-Identifier: GPL-2.0
#
#   make                module for the running kernel, and tools/nat64ctl
#   make KDIR=DIR       module for the kernel whose build directory that is
#   make install        both, man page, completion and service; DESTDIR=, PREFIX=
#   make check          every test on 6.1, and most on the newest kernel; sets up
#                       what it needs (as root, Debian 12)
#   make demo           a tour through a running network, likewise
#   make shell          a shell in that network, likewise
#   make unit|lint|packet|peers    one lane of the tests, on 6.1, likewise
#   make media          players of RTSP, likewise; not part of check
#   make check-debug    tests on debug kernels, likewise; not part of check
#   make fuzz SECONDS=N   each target of the fuzz lane for so long, likewise
#   make soak           an hour of mixed traffic, likewise; not part of check
#   make bench          speed beside Jool and the kernel's own, likewise
#   make clean

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(KERNELS),)
check: KERNELS := 6.1 newest
check: check-flags := --brief newest
KERNELS := 6.1
endif
SECONDS ?= 60
export KERNELS

SYSTEMD_DIR ?= /lib/systemd/system
CONFIG_DIR ?= /etc/nat64

lanes := unit lint packet peers

.PHONY: all modules modules-clean tools install clean check demo shell setup \
	bench soak fuzz media check-debug $(lanes)

all: modules tools

modules:
	+$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools:
	+$(MAKE) -C tools all

install: all
	+$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) \
		INSTALL_MOD_DIR=updates modules_install
	+$(MAKE) -C tools install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	install -d $(DESTDIR)$(CONFIG_DIR) $(DESTDIR)$(SYSTEMD_DIR)
	sed 's|@PREFIX@|$(PREFIX)|; s|@CONFIG_DIR@|$(CONFIG_DIR)|' \
		packaging/nat64.service \
		> $(DESTDIR)$(SYSTEMD_DIR)/nat64.service
	test -n "$(DESTDIR)" || depmod -a

clean: modules-clean
	+$(MAKE) -C tools clean
	$(RM) -r tests/unit/build tests/fuzz/build tests/tool/build

# Without a kernel to ask, the objects are still to go.
modules-clean:
	if [ -d $(KDIR) ]; then \
		$(MAKE) -C $(KDIR) M=$(CURDIR) clean; \
	else \
		$(RM) *.ko *.mod *.mod.[co] *.o .*.cmd Module.symvers \
			modules.order src/*.o src/.*.cmd alg/*.o alg/.*.cmd; \
	fi

setup:
	tests/vm/setup

check: setup
	tests/run $(check-flags)

$(lanes): setup
	tests/run $@

check-debug: setup
	tests/uml/setup kasan lockdep
	tests/run --kernels "uml-kasan uml-lockdep" proof debug

media:
	tests/vm/setup media
	tests/run media

demo: setup
	tests/demo/run

shell: setup
	tests/demo/run --shell

bench:
	tests/bench/run

soak:
	tests/soak/run

fuzz: setup
	tests/fuzz/run $(SECONDS)
