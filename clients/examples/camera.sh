#!/bin/sh
# Feed a camera, a film or a test picture to ffd, with ffmpeg.
#
#   camera.sh MODEL [INPUT] [LABEL]
#
#   INPUT  what ffmpeg reads: /dev/video0 (the default), a file, or an address;
#          "test" is ffmpeg's own test picture
#   LABEL  one label for all of it; without it frames wait for one, or are
#          learned without, as the model's objective allows
#
# MODEL takes grey pictures: input: {shape: [H, W], dtype: u8}. SIZE says them as
# WxH (default 48x48), RATE the frames a second (30), FRAMES how many (no end).
# FFD_ADDRESS says where ffd is. FFMPEG may name another program that writes the
# same to its standard output.
set -eu

case ${1:-} in
    ''|-h|--help) sed -n '2,/^set -eu/{/^set/d;s/^# \{0,1\}//p;}' "$0"
                  [ $# -gt 0 ]; exit ;;
esac
model=$1
input=${2:-/dev/video0}
size=${SIZE:-48x48}
rate=${RATE:-30}

source="-i $input"
[ "$input" != test ] || source="-f lavfi -i testsrc=rate=$rate"
limit=
[ -z "${FRAMES:-}" ] || limit="-frames:v $FRAMES"
label=
[ -z "${3:-}" ] || label="--label $3"

# shellcheck disable=SC2086 # lists of words
${FFMPEG:-ffmpeg} -loglevel error $source $limit \
    -vf "fps=$rate,scale=${size%x*}:${size#*x},format=gray" -f rawvideo - |
    ffctl feed "$model" --raw - $label --batch 1
