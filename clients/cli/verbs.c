/*
 * verbs.c -- the table that ffctl is: one line a verb, one file a verb.
 */
#include "clients/cli/cli.h"

#define FRAMES "--idx IMAGES [LABELS] | --csv FILE | --raw FILE | --wav FILE..."
#define INPUTS "(" FRAMES " | --text FILE) [options]"
#define ASKED  "(" FRAMES " | --stream KEY | --text STRING) [options]"

const char cli_input_help[] =
    "Inputs (gzipped or not; - is standard input):\n"
    "  --idx IMAGES [LABELS]  IDX files of bytes, as MNIST's\n"
    "  --csv FILE             a frame a line, numbers; a header is passed "
    "over\n"
    "  --label-column COLUMN  the label's column in it: a number, from 1, or "
    "a\n"
    "                         name in the header; empty: no label\n"
    "  --columns LIST         the columns of values, apart by commas "
    "(default:\n"
    "                         all others)\n"
    "  --raw FILE             frames as the model takes them, end to end\n"
    "  --label L              one label for all of them, lines or WAV files\n"
    "  --offset N --limit N   leave out the first N; take at most N\n"
    "  --order ORDER          as-is (default); shuffled; by-class: labels\n"
    "                         sorted and taken in pairs, one pair after the\n"
    "                         other, each pair shuffled (0,1 then 2,3 ...)\n"
    "  --seed N               of the order (default 0)\n"
    "  --repeat N             passes over the input (default 1)\n"
    "  --batch N              frames a request (default: 256, fewer when they\n"
    "                         are large or come slowly; 1: single calls)\n"
    "Of a model with streams frames are its samples, in the order of time:\n"
    "  --csv FILE             a sample a line; an empty cell or nan is a "
    "value\n"
    "                         that is missing, and so, of one column, is an "
    "empty\n"
    "                         line between others; columns without numbers "
    "are\n"
    "                         left out\n"
    "  --stream KEY           whose samples these are\n"
    "  --stream-column COLUMN  names the stream of each line\n"
    "  --end-column COLUMN    a recording ends where it is not empty, 0 or no\n"
    "  --end                  recordings end where the input does (it is read\n"
    "                         before it is sent)\n"
    "  --wav FILE...          PCM of 16 bits, a recording each; offset, "
    "limit,\n"
    "                         order and repeat are of files\n"
    "  --label-from-name REGEX  its label is the first group that this "
    "extended\n"
    "                         regular expression finds in a file's name\n"
    "  --text FILE            symbols, a byte each\n"
    "What is read from a pipe is sent when the pipe pauses.\n";

const struct verb cli_verbs[] = {
    {"ping", "", "ask whether anybody is there, and how long it takes", NULL,
     verb_ping},
    {"hello", "", "what the daemon is and offers", NULL, verb_hello},
    {"models", "", "list the models", NULL, verb_models},
    {"status", "[MODEL] [--digest]",
     "what a model is doing now (default: each)",
     "  --digest     also a hash of all that the model is: equal of two "
     "models\n"
     "               that are the same to the bit, and of one before a kill\n"
     "               and after\n",
     verb_status},
    {"stats", "[MODEL]", "every counter and gauge", NULL, verb_stats},
    {"create", "MODEL --config FILE", "make a model",
     "  --config FILE  YAML or JSON: what stands under a model's name in\n"
     "                 ffd.yaml (not the whole of ffd.yaml); - is standard "
     "input\n",
     verb_create},
    {"drop", "MODEL", "remove a model and its snapshots", NULL, verb_drop},
    {"labels", "MODEL", "the labels of a model, a line each", NULL,
     verb_labels},
    {"rename", "MODEL FROM TO", "give a label another name",
     "Frames that are sent under the old name later are of a new label. -- "
     "before\n"
     "a label that begins with a dash.\n",
     verb_rename},
    {"merge", "MODEL FROM TO", "let all that has one label have another",
     "What was learned and remembered of both is TO then; sleep makes one of "
     "them.\n"
     "-- before a label that begins with a dash.\n",
     verb_merge},
    {"forget", "MODEL LABEL [--yes]",
     "forget a label: all that was learned, remembered and stored of it",
     "  --yes        do not ask (needed where no terminal is)\n"
     "It cannot be undone: older snapshots are erased, and the journal. Frames "
     "that\n"
     "wait for a late label go too. -- before a label that begins with a "
     "dash.\n",
     verb_forget},
    {"feed", "MODEL " INPUTS, "stream frames into a model, to be learned",
     "  --rate HZ              frames a second (default: as fast as it goes)\n"
     "  --ack WHEN             what counts as done: received, applied "
     "(learned;\n"
     "                         default) or durable (and on the disk: kill -9 "
     "does\n"
     "                         not undo it)\n"
     "  --observe              let its stream go on, and learn nothing\n"
     "  --unlabelled FRACTION  leave out this share of the labels (0 to 1), "
     "drawn\n"
     "                         by --seed\n"
     "  --label-delay N        send each label that is sent N frames after "
     "its\n"
     "                         own, and those that are left at the end; "
     "neither "
     "is\n"
     "                         of --text, where each symbol is its label\n"
     "A frame that the daemon is too busy for is sent again; one that it "
     "drops\n"
     "is counted. Accuracy is prequential: each labelled frame is predicted\n"
     "before it is learned. prequential_over says of what: feed, all frames\n"
     "of this feed, or, where the daemon does not tell (as with --ack "
     "received),\n"
     "model: its last 1,000.\n",
     verb_feed},
    {"eval", "MODEL " INPUTS, "accuracy of a model on labelled frames",
     "  --novelty FILE         write the novelty of each frame, one a line\n"
     "  --novelty-against IMAGES  AUROC of novelty and of typicality between\n"
     "                         the input and another IDX file of frames\n"
     "  --rotate               these, or the input itself, turned by 90 "
     "degrees\n"
     "  --hybrids              hybrids of pairs of the input's frames instead\n"
     "  --typicality-alarm P   count frames of a typicality of at most P "
     "(0.01)\n"
     "per_class is accuracy by label; ece is the expected calibration error "
     "in\n"
     "15 bins; rows of confusion are true labels, columns answers (the last:\n"
     "none), left out of JSON above 100 labels. typicality: {alarm, alarms: "
     "the\n"
     "share of frames at or below it, auroc, detected: the same share of the\n"
     "strange frames}.\n"
     "Of a model with streams each window is asked about, and compared with "
     "the\n"
     "label of most of its samples that have one; of WAV files each has one\n"
     "answer. Nothing is learned; the streams are called \"ffctl PID KEY\", by "
     "this\n"
     "process, and have places of their own: as many at once as stream.keys, "
     "at\n"
     "most 64. Of --text each byte is asked for, after those before it.\n",
     verb_eval},
    {"predict", "MODEL " ASKED,
     "answers, a line each: label, confidence, "
     "novelty, typicality",
     "  --stream KEY           of a model with streams, without another "
     "input:\n"
     "                         of the stream as it is now\n"
     "  --text STRING          of a model of symbols: what comes next, and "
     "how\n"
     "                         likely\n"
     "  --show goodness        also goodness of each layer and all scores\n"
     "  --show detail          and each layer's goodness for every class, one\n"
     "                         frame a request\n",
     verb_predict},
    {"sleep", "MODEL [--frames N]", "sleep now on what is owed, or on N frames",
     NULL, verb_sleep},
    {"wake", "MODEL", "stop sleeping; what is owed is forgiven", NULL,
     verb_wake},
    {"dreams", "MODEL -n N --png FILE", "dreams of the model as one picture",
     "  -n N         how many (default 16)\n"
     "  --png FILE   where to; without it only their goodness is told\n",
     verb_dreams},
    {"generate", "MODEL [-n N] [--prompt TEXT] [--stream KEY]",
     "text that a model of symbols writes",
     "  -n N           symbols, at most 4096 (default 200)\n"
     "  --temperature T  1 (default): as likely as the model finds them; "
     "less:\n"
     "                 the likelier ones; 0.01 to 100\n"
     "  --prompt TEXT  what the text goes on from\n"
     "  --stream KEY   goes on from what this stream last said\n"
     "  --seed N       of what is drawn (default: the model's step, so that "
     "it\n"
     "                 differs as the model learns)\n"
     "  --list         with --json: each symbol's label, too\n"
     "With --json text that is not UTF-8 is base64.\n",
     verb_generate},
    {"save", "MODEL [--wait] [--name NAME]", "write a verified snapshot",
     "  --wait       answer when it is on disk\n"
     "  --name NAME  keep it under this name until delete-version\n",
     verb_save},
    {"versions", "MODEL", "the snapshots of a model, the newest first",
     "A version is called by its record, or by the name it was saved with.\n",
     verb_versions},
    {"rollback", "MODEL VERSION", "make a model what it was in a snapshot",
     NULL, verb_rollback},
    {"delete-version", "MODEL VERSION", "remove a snapshot that has a name",
     NULL, verb_delete_version},
    {"export", "MODEL [--version V] FILE", "write a snapshot to a file here",
     "  --version V  which of versions (default: the newest)\n"
     "FILE is in the safetensors format; it holds frames that the model\n"
     "remembers.\n",
     verb_export},
    {"import", "MODEL FILE", "make a new model of a snapshot in a file here",
     NULL, verb_import},
    {"top", "[--once]", "a live table of the models",
     "  --once       print it once\n"
     "  --every S    seconds between two (default 1)\n"
     "On a terminal it takes the whole screen: q quits, up and down show "
     "other\n"
     "models, p pauses. The blocks are accuracies of late, 50 to 100 %.\n",
     verb_top},
    {"compare", "MODEL MODEL... [--watch]", "models side by side",
     "  --watch      again each second, until Ctrl-C\n"
     "lost is of frames that an overload policy dropped or refused, or that\n"
     "could not be learned; the rest is of status.\n",
     verb_compare},
    {"events", "[TOPIC...] [--limit N]", "what happens, as it happens",
     "  TOPIC        sleep, snapshot, drift, novelty, anomaly, stats "
     "(default:\n"
     "               all but stats, which come once a second)\n"
     "  --limit N    end after N of them; else on Ctrl-C\n",
     verb_events},
    {NULL, NULL, NULL, NULL, NULL},
};
