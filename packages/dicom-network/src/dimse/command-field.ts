/** Values of Command Field (PS3.7 E.1); a response is its request with the highest bit set. */
export const COMMAND_FIELD = {
  C_STORE_RQ: 0x0001,
  C_GET_RQ: 0x0010,
  C_FIND_RQ: 0x0020,
  C_MOVE_RQ: 0x0021,
  C_ECHO_RQ: 0x0030,
  C_CANCEL_RQ: 0x0fff,
  N_EVENT_REPORT_RQ: 0x0100,
  N_ACTION_RQ: 0x0130,
} as const;

/** The bit that makes a command a response. */
export const RESPONSE_BIT = 0x8000;
