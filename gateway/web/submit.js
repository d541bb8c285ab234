/* SPDX-License-Identifier: Apache-2.0 */
/* Submits the form of redirect.html; its button does the same where scripts are off. */
document.getElementById("submit-at-once").submit();
